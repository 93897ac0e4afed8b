import type { Static } from 'typebox'
import { atPointer } from '../../base/json-pointer.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { RunStatements, SqlValue, Statement } from '../../runners/sql/statement.ts'
import type { metadataDatabase } from '../../sdk/blocks/kinds/metadata_database.ts'
import { readEvent, readJob } from '../dispatch/facts.ts'
import { endOf, type Notice } from './notice.ts'

type Block = Static<typeof metadataDatabase.schema>

/** What the values of statements are taken from. */
export type Told = Omit<Notice, 'event'> & { notice: string, event: Record<string, unknown>, result: unknown }

/** Tells a metadata database of an end by the statements that its block has for it. */
export async function tellDatabase (block: Block, told: Told, timeoutMs: number): Promise<void> {
  const statements = toStatements(block[endOf(told)], told)
  if (statements.length > 0) await runIn[block.server](block, statements, timeoutMs)
}

/** Imported where they are used: few services have both. */
const runIn: Record<Block['server'], RunStatements> = {
  mysql: async (...given) => { await (await import('../../runners/sql/mysql.ts')).runInMysql(...given) },
  postgres: async (...given) => { await (await import('../../runners/sql/postgres.ts')).runInPostgres(...given) }
}

/** Pure. What a pointer does not find is NULL; what is no single value is written as JSON. */
export function toStatements (statements: Block['success'], told: Told): Statement[] {
  return statements.map(({ sql, values }) => ({
    sql,
    values: values.map((pointer) => toValue(atPointer(told, pointer)))
  }))
}

function toValue (value: unknown): SqlValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return JSON.stringify(value)
}

/**
 * The notice with the event as it came, and what the job returned. An event is never changed, and the result of a job
 * that is complete neither; of one that was retried meanwhile there is no result.
 */
export async function readTold (ledger: Pick<Ledger, 'get'>, notice: string, about: Notice): Promise<Told> {
  const [event, job] = await Promise.all([
    readEvent(ledger, about.event.id),
    about.about === 'job' ? readJob(ledger, about.id) : undefined
  ])
  const { document } = job ?? {}
  const result = document?.state === about.status ? document.output ?? null : null
  return { ...about, notice, event: { ...event?.value.event, ...about.event }, result }
}
