import type { RowDataPacket } from 'mysql2/promise'
import { optional, type HiveConnection } from './database.ts'
import { createTree, DISCARDED, hiveStatus, isComplete } from './status.ts'
import type { HiveJob, HiveStatus, HiveTree } from './status.ts'

const JOBS = `SELECT job_id, prev_job_id, logic_name, status, when_completed IS NULL AS is_open, controlled_semaphore_id
  FROM job JOIN analysis_base USING (analysis_id)`

const SEMAPHORES = 'SELECT semaphore_id, dependent_job_id FROM semaphore WHERE dependent_job_id IN (?)'

const LAST_PROGRESS = 'SELECT message FROM job_progress WHERE job_id = ? ORDER BY job_progress_id DESC LIMIT 1'

const WITH_RESULT = 'SELECT job_id FROM result WHERE job_id IN (?)'

const RESULT = `SELECT OCTET_LENGTH(output) AS bytes, IF(OCTET_LENGTH(output) > ?, NULL, output) AS output
  FROM result WHERE job_id = ?`

const LAST_MESSAGES = `SELECT job_id, msg FROM log_message
  WHERE log_message_id IN (SELECT MAX(log_message_id) FROM log_message WHERE job_id IN (?) GROUP BY job_id)`

/** Ids in one question. */
const PIECE = 1000

/** What can be seen of a seeded job at one time. */
export type Look = { tree: HiveTree, status: HiveStatus, done: number, message: string | undefined }

/**
 * Reads a job and all that came of it; undefined where it is gone. From the top down: a job makes its children before
 * it is done, so that one which was read as done has no child that is missed.
 */
export async function look (connection: HiveConnection, root: number): Promise<Look | undefined> {
  const jobs = new Map<number, HiveJob>()
  const semaphores = new Map<number, number>()
  const read = async (where: string, ids: number[]): Promise<HiveJob[]> => {
    const found = await inPieces(ids, (piece) =>
      connection.numbers(`${JOBS} WHERE ${where} IN (?) ORDER BY job_id`, piece)
    )
    return found.map(toJob).filter((job) => !jobs.has(job.id))
  }
  for (let level = await read('job_id', [root]); level.length > 0;) {
    for (const job of level) jobs.set(job.id, job)
    const held = level.filter(({ status }) => status === 'SEMAPHORED').map(({ id }) => id)
    const waiting = await inPieces(held, (piece) => connection.numbers(SEMAPHORES, piece))
    for (const one of waiting) semaphores.set(Number(one['dependent_job_id']), Number(one['semaphore_id']))
    const children = await read('prev_job_id', level.map(({ id }) => id))
    const holders = await read('controlled_semaphore_id', waiting.map((one) => Number(one['semaphore_id'])))
    level = [...new Map([...children, ...holders].map((job) => [job.id, job])).values()]
  }
  if (!jobs.has(root)) return undefined
  // Last: the row of a result is written before its job is done.
  const done = [...jobs.values()].filter(isComplete).map(({ id }) => id)
  // The pipelines of the original service make the tables `result` and `job_progress`; eHive itself knows neither.
  const results = await optional(inPieces(done, (piece) => connection.numbers(WITH_RESULT, piece)), [])
  const tree = createTree(root, [...jobs.values()], semaphores, new Set(results.map((row) => Number(row['job_id']))))
  const [last] = await optional(connection.rows(LAST_PROGRESS, [root]), [])
  const message = last === undefined ? undefined : String(last['message'])
  return { tree, status: hiveStatus(tree), done: done.length, message }
}

export type HiveResult = { text: string | null, bytes: number }

/** What a job has put out as JSON text; undefined where it has no result, `bytes` alone where that is too long. */
export async function readResult (
  connection: HiveConnection,
  id: number,
  maxBytes: number
): Promise<HiveResult | undefined> {
  const [row] = await optional(connection.rows(RESULT, [maxBytes, id]), [])
  if (row === undefined) return undefined
  return { text: row['output'] === null ? null : String(row['output']), bytes: Number(row['bytes'] ?? 0) }
}

/** The last message of each of these jobs. */
export async function readMessages (connection: HiveConnection, ids: number[]): Promise<Map<number, string>> {
  const found = await inPieces(ids, (piece) => connection.numbers(LAST_MESSAGES, piece))
  return new Map(found.map((row) => [Number(row['job_id']), String(row['msg']).trim()]))
}

const toJob = (row: RowDataPacket): HiveJob => ({
  id: Number(row['job_id']),
  parent: row['prev_job_id'] === null ? null : Number(row['prev_job_id']),
  analysis: String(row['logic_name']),
  // What eHive passes on has a time of completion; what we have discarded has none.
  status: row['status'] === 'PASSED_ON' && Number(row['is_open']) === 1 ? DISCARDED : String(row['status']),
  controls: row['controlled_semaphore_id'] === null ? null : Number(row['controlled_semaphore_id'])
})

async function inPieces (ids: number[], read: (piece: number[]) => Promise<RowDataPacket[]>): Promise<RowDataPacket[]> {
  const found: RowDataPacket[] = []
  for (let start = 0; start < ids.length; start += PIECE) found.push(...await read(ids.slice(start, start + PIECE)))
  return found
}
