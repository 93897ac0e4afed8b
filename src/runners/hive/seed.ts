import { createHash } from 'node:crypto'
import type { RowDataPacket } from 'mysql2/promise'
import { errors } from '../../base/errors.ts'
import type { DispatchEvent } from '../../base/event.ts'
import { countSeeded } from './counts.ts'
import { HiveAway, type HiveConnection } from './database.ts'
import { toPerl } from './perl.ts'

/** As eHive itself: what is as long or longer is kept in analysis_data, and the job names its row. */
const MAX_INPUT = 255
const LOCK_S = 5

const SEED = "INSERT INTO job (analysis_id, input_id, status) VALUES (?, ?, 'READY')"
const SHORT_INPUTS = `SELECT job_id, input_id AS input FROM job
  WHERE analysis_id = ? AND input_id LIKE ? ESCAPE '|' ORDER BY job_id`
const LONG_INPUTS = `SELECT analysis_data_id, data AS input FROM analysis_data
  WHERE data LIKE ? ESCAPE '|' ORDER BY analysis_data_id`
const BY_INPUT = 'SELECT job_id FROM job WHERE analysis_id = ? AND input_id = ?'

export type Seeded = { id: number, found: boolean }

/**
 * The job of the hive for one of our jobs, made where there is none. It bears our job's id in its input, and whoever
 * makes it does so alone: however often a job is taken, the hive gets it once.
 */
export async function findOrSeed (
  connection: HiveConnection,
  analysis: string,
  jobId: string,
  event: DispatchEvent
): Promise<Seeded> {
  const analysisId = await idOf(connection, analysis)
  const lock = `signalbox:${createHash('sha1').update(jobId).digest('hex')}`
  const [locked] = await connection.rows('SELECT GET_LOCK(?, ?) AS locked', [lock, LOCK_S])
  if (Number(locked?.['locked']) !== 1) throw new HiveAway(`somebody else is seeding the job ${jobId} in the hive`)
  const found = await find(connection, analysisId, jobId)
  const input = { _signalbox_job: jobId, event: withGenome(event), timestamp: now() }
  const id = found ?? await seed(connection, analysisId, toPerl(input))
  await connection.rows('SELECT RELEASE_LOCK(?) AS released', [lock])
  return { id, found: found !== undefined }
}

/** The same where nothing is to be made. */
export async function findSeeded (
  connection: HiveConnection,
  analysis: string,
  jobId: string
): Promise<number | undefined> {
  return await find(connection, await idOf(connection, analysis), jobId)
}

async function idOf (connection: HiveConnection, analysis: string): Promise<number> {
  const [row] = await connection.rows('SELECT analysis_id FROM analysis_base WHERE logic_name = ?', [analysis])
  if (row === undefined) throw errors.final(`the hive has no analysis ${analysis}`)
  return Number(row['analysis_id'])
}

/**
 * A prefix, so that the index over the inputs serves. Names are compared here again: the tables do not tell cases
 * apart.
 */
async function find (connection: HiveConnection, analysisId: number, jobId: string): Promise<number | undefined> {
  const prefix = `${toPerl({ _signalbox_job: jobId }).slice(0, -1)}, `
  const like = `${prefix.replace(/[|%_]/g, '|$&')}%`
  const isIts = (row: RowDataPacket): boolean => String(row['input']).startsWith(prefix)
  const short = await connection.rows(SHORT_INPUTS, [analysisId, like])
  const found = short.find(isIts)
  if (found !== undefined) return Number(found['job_id'])
  for (const row of await connection.rows(LONG_INPUTS, [like])) {
    if (!isIts(row)) continue
    const [job] = await connection.rows(BY_INPUT, [analysisId, extended(Number(row['analysis_data_id']))])
    if (job !== undefined) return Number(job['job_id'])
  }
  return undefined
}

async function seed (connection: HiveConnection, analysisId: number, input: string): Promise<number> {
  return await connection.transaction(async () => {
    const inputId = input.length < MAX_INPUT ? input : extended(await extend(connection, input))
    const id = await connection.insert(SEED, [analysisId, inputId])
    await countSeeded(connection, analysisId)
    return id
  })
}

async function extend (connection: HiveConnection, input: string): Promise<number> {
  const sum = createHash('md5').update(input).digest('hex')
  return await connection.insert('INSERT INTO analysis_data (md5sum, data) VALUES (?, ?)', [sum, input])
}

const extended = (id: number): string => `_extended_data_id ${id}`

/** Seconds to the microsecond: the hive takes no two jobs with one input, and knows no difference of case. */
const now = (): number => Number(((performance.timeOrigin + performance.now()) / 1000).toFixed(6))

/** The analyses of the original read `genome`; an event of today may have its name as `subject` only. */
function withGenome (event: DispatchEvent): DispatchEvent {
  return event['genome'] !== undefined || event.subject === undefined ? event : { ...event, genome: event.subject }
}
