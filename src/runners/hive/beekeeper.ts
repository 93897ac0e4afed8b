import type { RowDataPacket } from 'mysql2/promise'
import { optional, type HiveConnection } from './database.ts'

const LAST = `SELECT cause_of_death, is_blocked
  FROM beekeeper ORDER BY cause_of_death IS NULL DESC, beekeeper_id DESC LIMIT 1`

/** What the causes of a beekeeper's end mean. */
const CAUSES: ReadonlyMap<string, string> = new Map([
  ['NO_WORK', 'had no work'],
  ['LOOP_LIMIT', 'had looped as often as it was told to'],
  ['JOB_FAILED', 'saw a job fail'],
  ['ANALYSIS_FAILED', 'saw an analysis fail'],
  ['TASK_FAILED', 'could not do what it was asked'],
  ['DISAPPEARED', 'disappeared']
])

/**
 * Why nobody starts workers for the hive, or undefined where a beekeeper loops. Seeding a job tells a beekeeper
 * nothing. A hive of an older schema has no such table: nothing is known then.
 */
export async function readBeekeeper (connection: HiveConnection): Promise<string | undefined> {
  const rows: RowDataPacket[] | undefined = await optional(connection.rows(LAST, []), undefined)
  if (rows === undefined) return undefined
  const [last] = rows
  if (last === undefined) return 'a beekeeper: none has run for this hive'
  const cause = last['cause_of_death']
  if (cause !== null) {
    return `a beekeeper that loops: the last one ended, it ${CAUSES.get(String(cause)) ?? String(cause)}`
  }
  return Number(last['is_blocked']) === 0 ? undefined : 'its beekeeper, which is blocked'
}
