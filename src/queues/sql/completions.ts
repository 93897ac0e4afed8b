import type { PgPool } from 'bullmq'
import { createTogether, type Together } from '../../base/together.ts'

/** What BullMQ gives its command, in its order: the queue, the job, the token, what was returned as JSON, and so on. */
type Params = unknown[]
type Row = Record<string, unknown>

export type Completions = Pick<Together<Params, Row[]>, 'ask'>

/** BullMQ's command that ends a job and claims the next one: nearly all that a busy worker says to PostgreSQL. */
export const COMPLETION = 'move_to_completed_fetch'

const STATEMENT = `select c.place as "called", j.*
  from json_to_recordset($1::json) as c (place int, p1 text, p2 text, p3 text, p4 jsonb, p5 bigint, p6 boolean,
    p7 bigint, p8 int, p9 bigint, p10 bigint, p11 text, p12 int, p13 bigint)
  cross join lateral ${COMPLETION}(p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13) j`

/** Those behind a group wait as long as it takes: some ten milliseconds. */
const MOST = 50

/**
 * Jobs that end at about the same time are ended by one statement, whatever their queues: what comes of each is what
 * BullMQ's own statement would do. Where one is refused (another worker has it by now), each half is tried by itself.
 */
export function createCompletions (pool: Pick<PgPool, 'query'>): Completions {
  return createTogether<Params, Row[]>({
    take: (waiting) => [waiting.slice(0, MOST), waiting.slice(MOST)],
    isRefusal,
    send: async (all) => {
      // Queue by queue: so no two groups wait for each other's.
      const calls = all.map(toCall).sort((a, b) => a.p1 < b.p1 ? -1 : Number(a.p1 > b.p1))
      const { rows } = await pool.query<Row>(STATEMENT, [JSON.stringify(calls)])
      return all.map((_, place) => rows.filter(({ called }) => called === place))
    }
  })
}

function toCall (params: Params, place: number): { place: number, p1: string, p4: unknown } {
  const named = Object.fromEntries(params.map((value, i) => [`p${i + 1}`, value]))
  return { ...named, place, p1: String(params[0]), p4: JSON.parse(String(params[3])) }
}

/** PostgreSQL has answered, and has done nothing of it. */
function isRefusal (error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown } | undefined)?.code))
}
