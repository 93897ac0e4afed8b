import { errors } from '../../base/errors.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { readOutcome } from '../outcome.ts'
import type { HiveConnection } from './database.ts'
import { readMessages, readResult, type Look } from './look.ts'

/** Failed jobs that a reason tells of. */
const MAX_TOLD = 5

/** What a complete job has put out, with its follow-on events. */
export async function outcomeOf (
  connection: HiveConnection,
  root: number,
  maxOutputBytes: number
): Promise<ProcessOutcome> {
  const result = await readResult(connection, root, maxOutputBytes)
  if (result?.text === null && result.bytes > 0) {
    const most = `more than the ${maxOutputBytes} allowed`
    throw errors.final(`the result of hive job ${root} has ${result.bytes} bytes, ${most}`)
  }
  const output = parse(result?.text ?? null)
  const events = typeof output === 'object' && output !== null ? (output as { events?: unknown }).events : undefined
  return readOutcome({ output, events }, { maxOutputBytes })
}

/** Why a tree has failed: its failed jobs, each with its last message. */
export async function reasonOf (connection: HiveConnection, { tree }: Look): Promise<string> {
  const failed = [...tree.jobs.values()].filter(({ status }) => status === 'FAILED')
  const messages = await readMessages(connection, failed.map(({ id }) => id))
  const told = failed.slice(0, MAX_TOLD).map(({ id, analysis }) =>
    `hive job ${id} (${analysis}) failed${messages.has(id) ? `: ${messages.get(id)}` : ''}`)
  return [...told, ...failed.length > MAX_TOLD ? [`and ${failed.length - MAX_TOLD} more`] : []].join('; ')
}

/** Some numbers of jobs. */
export function listed (ids: readonly number[]): string {
  return ids.length === 1 ? `job ${ids[0]}` : `${ids.length} jobs, ${ids.slice(0, MAX_TOLD).join(', ')}`
}

function parse (text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
