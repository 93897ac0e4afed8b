import { COUNTED, createBigCounts } from '../../base/big-counts.ts'
import type { QueueCounts } from '../work.ts'
import type { Read } from './job.ts'

type Counts = Omit<QueueCounts, 'workers'>

const STATES = ['waiting', 'active', 'delayed', 'completed', 'failed', 'waiting-children'] as const

/** Each state by the partial index that BullMQ has for it; of what is much no more than tells so. */
const few = (state: string): string =>
  `(select count(*) from (select 1 from job where job.queue = q.queue and state = '${state}' limit ${COUNTED + 1}) x) as "${state}"`
const FEW = `select ${STATES.map(few).join(', ')},
  exists (select 1 from meta where meta.queue = q.queue and field = 'paused') as paused
  from unnest($1::text[]) with ordinality q (queue, n) order by q.n`
const all = (state: string): string => `select count(*) as n from job where queue = $1 and state = '${state}'`

/** What lies on each queue, in their order. */
export function createCounts (rows: Read): (queues: string[]) => Promise<Counts[]> {
  const bigOf = new Map(STATES.map((state) => [state, createBigCounts(async (queue) =>
    Number((await rows(all(state), [queue]))[0]?.['n']))]))
  return async (queues) => {
    const found = await rows(FEW, [queues])
    return await Promise.all(queues.map(async (queue, i): Promise<Counts> => {
      const row = found[i] ?? {}
      const of = async (state: typeof STATES[number]): Promise<number> => {
        const n = Number(row[state])
        return n > COUNTED ? await bigOf.get(state)?.(queue) ?? n : n
      }
      const [waiting = 0, active = 0, delayed = 0, completed = 0, failed = 0, blocked = 0] =
        await Promise.all(STATES.map(of))
      return { waiting, active, delayed, completed, failed, blocked, paused: row['paused'] === true }
    }))
  }
}
