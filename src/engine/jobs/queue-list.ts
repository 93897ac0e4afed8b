import { errors } from '../../base/errors.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import type { QueueView } from '../../schemas/lookups.ts'
import { createActs, queueThing } from '../documents/acts.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { readQueueCounts } from './queue-counts.ts'

/** The queues of the lookups. */
export interface QueueList {
  list: () => Promise<QueueView[]>
  /** Lets no worker take jobs from a queue; running ones go on. @throws UNKNOWN_QUEUE */
  pause: (name: string, by?: string, note?: string) => Promise<QueueView>
  /** @throws UNKNOWN_QUEUE */
  resume: (name: string, by?: string) => Promise<QueueView>
}

type Dependencies = {
  ledger: Pick<Ledger, 'count' | 'get' | 'commit'>
  work: Pick<Work, 'counts' | 'pause' | 'resume'>
  lookups: () => Lookups
  now: () => number
}

export function createQueueList (state: Dependencies): QueueList {
  return {
    list: async () => await describe(state, [...usersOf(state).keys()]),
    pause: change.bind(null, state, 'pause'),
    resume: change.bind(null, state, 'resume')
  }
}

async function change (
  state: Dependencies,
  action: 'pause' | 'resume',
  name: string,
  by?: string,
  note?: string
): Promise<QueueView> {
  if (!usersOf(state).has(name)) throw errors.unknownQueue(name)
  await state.work[action](name)
  const act = by === undefined ? undefined : { act: action, by, note, at: state.now() }
  if (act !== undefined) await createActs(state.ledger).note(queueThing(name), act)
  const [view] = await describe(state, [name])
  if (view === undefined) throw errors.unknownQueue(name)
  return view
}

/** Queue → the processes that use it. */
function usersOf ({ lookups }: Dependencies): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { name, queue } of lookups().processes.values()) found.set(queue, [...found.get(queue) ?? [], name])
  return found
}

async function describe (state: Dependencies, names: string[]): Promise<QueueView[]> {
  const users = usersOf(state)
  const [counts, acts] = await Promise.all([
    readQueueCounts(state, names),
    createActs(state.ledger).read(names.map(queueThing))
  ])
  return names.flatMap((queue, i) => {
    const one = counts[i]
    return one === undefined ? [] : [{ queue, processes: users.get(queue) ?? [], ...one, acts: acts[i] }]
  })
}
