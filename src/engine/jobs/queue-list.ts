import { errors } from '../../base/errors.ts'
import { EVENTS_QUEUE, type Queues } from '../../queues/contract.ts'
import type { QueueView } from '../../schemas/lookups.ts'
import type { Lookups } from '../lookups/lookups.ts'

/** The queues of the lookups and that of the event records. */
export interface QueueList {
  list: () => Promise<QueueView[]>
  /** Lets no worker take jobs from a queue; running ones go on. @throws UNKNOWN_QUEUE */
  pause: (name: string) => Promise<QueueView>
  /** @throws UNKNOWN_QUEUE */
  resume: (name: string) => Promise<QueueView>
}

type Dependencies = { queues: Pick<Queues, 'counts' | 'pause' | 'resume'>, lookups: () => Lookups }

export function createQueueList (state: Dependencies): QueueList {
  return {
    list: () => Promise.all([...usersOf(state)].map(([name, processes]) => describe(state, name, processes))),
    pause: change.bind(null, state, 'pause'),
    resume: change.bind(null, state, 'resume')
  }
}

async function change (state: Dependencies, action: 'pause' | 'resume', name: string): Promise<QueueView> {
  const processes = usersOf(state).get(name)
  if (processes === undefined) throw errors.unknownQueue(name)
  await state.queues[action](name)
  return await describe(state, name, processes)
}

/** Queue → the processes that use it. */
function usersOf ({ lookups }: Dependencies): Map<string, string[]> {
  const found = new Map<string, string[]>([[EVENTS_QUEUE, []]])
  for (const { name, queue } of lookups().processes.values()) found.set(queue, [...found.get(queue) ?? [], name])
  return found
}

const describe = async ({ queues }: Dependencies, name: string, processes: string[]): Promise<QueueView> =>
  ({ queue: name, processes, ...await queues.counts(name) })
