import { optional, type HiveConnection } from './database.ts'

/** Beekeepers go by these counts, and not by the jobs, unless the hive keeps them by triggers. */
const NO_TRIGGERS = `NOT EXISTS (
  SELECT 1 FROM hive_meta WHERE meta_key = 'hive_use_triggers' AND meta_value NOT IN ('', '0'))`

const COUNT_ONE = `UPDATE analysis_stats
  SET total_job_count = total_job_count + 1, ready_job_count = ready_job_count + 1,
    status = IF(status = 'BLOCKED', 'BLOCKED', 'LOADING')
  WHERE analysis_id = ? AND ${NO_TRIGGERS}`

const COUNT_ANEW = `UPDATE analysis_stats SET status = 'LOADING'
  WHERE status <> 'BLOCKED' AND analysis_id IN (SELECT analysis_id FROM job WHERE job_id IN (?))`

/** As eHive counts a job that it stores: a beekeeper that loops sees that there is work. */
export async function countSeeded (connection: HiveConnection, analysisId: number): Promise<void> {
  await optional(connection.update(COUNT_ONE, [analysisId]), 0)
}

/** Has the hive count the jobs of these jobs' analyses again, as it does after a reset of its own. */
export async function countAnew (connection: HiveConnection, ids: number[]): Promise<void> {
  if (ids.length > 0) await optional(connection.numbers(COUNT_ANEW, ids), [])
}
