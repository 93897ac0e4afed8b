import type { HiveConnection } from './database.ts'
import type { HiveTree } from './status.ts'

/** Of a job that did not begin and is not to: a state that eHive's workers leave alone and that counts as no failure. */
const DISCARDED = 'PASSED_ON'
const ENDED: ReadonlySet<string> = new Set(['DONE', 'FAILED', DISCARDED])

/**
 * Takes from the workers what has not begun: they get nothing more of this tree. Nothing is deleted, and what stands above
 * the seeded job is never touched. Answers how many it took.
 */
export async function discard (connection: HiveConnection, { jobs }: HiveTree): Promise<number> {
  let taken = 0
  for (const { id, status } of jobs.values()) {
    // Only where it still is as it was seen: a worker may have claimed it since.
    if (status === 'READY' || status === 'SEMAPHORED') taken += await connection.update("UPDATE job SET status = ? WHERE job_id = ? AND status IN ('READY', 'SEMAPHORED')", [DISCARDED, id])
  }
  return taken
}

/** The jobs that a worker of the hive has in hand. */
export const inHand = ({ jobs }: HiveTree): number[] => [...jobs.values()].filter(({ status }) => !ENDED.has(status) && status !== 'READY' && status !== 'SEMAPHORED').map(({ id }) => id)

/**
 * Gives back to the workers what has failed and what was discarded: the job is wanted again. One that eHive itself has
 * passed on has children and is left alone. Answers how many it gave back.
 */
export async function revive (connection: HiveConnection, tree: HiveTree): Promise<number> {
  let given = 0
  for (const { id, status } of tree.jobs.values()) {
    if (status === 'FAILED') given += await connection.update("UPDATE job SET status = 'READY', retry_count = 1 WHERE job_id = ? AND status = 'FAILED'", [id])
    else if (status === DISCARDED && tree.below(id).length === 0) {
      given += await connection.update(`UPDATE job SET status = IF((SELECT COALESCE(SUM(local_jobs_counter + remote_jobs_counter), 0) FROM semaphore WHERE dependent_job_id = ?) > 0, 'SEMAPHORED', 'READY')
        WHERE job_id = ? AND status = ?`, [id, id, DISCARDED])
    }
  }
  return given
}
