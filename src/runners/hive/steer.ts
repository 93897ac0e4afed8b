import { countAnew } from './counts.ts'
import type { HiveConnection } from './database.ts'
import { DISCARDED, type HiveTree } from './status.ts'

const WAITING: ReadonlySet<string> = new Set(['READY', 'SEMAPHORED'])
const ENDED: ReadonlySet<string> = new Set(['DONE', 'FAILED', 'PASSED_ON', DISCARDED])

/**
 * Of a job that did not begin and is not to: a state that eHive's workers leave alone and that counts as no failure.
 * Without a time of completion it is told apart from what eHive itself has passed on.
 */
const DISCARD = `UPDATE job SET status = 'PASSED_ON', when_completed = NULL
  WHERE job_id = ? AND status IN ('READY', 'SEMAPHORED')`

const GIVE_BACK = `UPDATE job SET status = IF((SELECT COALESCE(SUM(local_jobs_counter + remote_jobs_counter), 0)
    FROM semaphore WHERE dependent_job_id = ?) > 0, 'SEMAPHORED', 'READY')
  WHERE job_id = ? AND status = 'PASSED_ON' AND when_completed IS NULL`

const TRY_AGAIN = "UPDATE job SET status = 'READY', retry_count = 1 WHERE job_id = ? AND status = 'FAILED'"

/**
 * Takes from the workers what has not begun: they get nothing more of this tree. Nothing is deleted, and what stands
 * above the seeded job is never touched. Answers how many it took.
 */
export async function discard (connection: HiveConnection, { jobs }: HiveTree): Promise<number> {
  const taken: number[] = []
  for (const { id, status } of jobs.values()) {
    // Only where it still is as it was seen: a worker may have claimed it since.
    if (WAITING.has(status) && await connection.update(DISCARD, [id]) > 0) taken.push(id)
  }
  await countAnew(connection, taken)
  return taken.length
}

/** The jobs that a worker of the hive has in hand. */
export function inHand ({ jobs }: HiveTree): number[] {
  return [...jobs.values()].filter(({ status }) => !ENDED.has(status) && !WAITING.has(status)).map(({ id }) => id)
}

/**
 * Gives back to the workers what has failed and what was discarded: the job is wanted again. One that eHive itself has
 * passed on is left alone. Answers how many it gave back.
 */
export async function revive (connection: HiveConnection, tree: HiveTree): Promise<number> {
  const given: number[] = []
  for (const { id, status } of tree.jobs.values()) {
    const changed = status === 'FAILED'
      ? await connection.update(TRY_AGAIN, [id])
      : status === DISCARDED ? await connection.update(GIVE_BACK, [id, id]) : 0
    if (changed > 0) given.push(id)
  }
  await countAnew(connection, given)
  return given.length
}
