import type { Logger } from 'pino'
import type { Dispatch } from './dispatch.ts'
import type { FollowOn } from '../../base/event.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Dispatched, EventRecord, StoredOutcome } from '../record.ts'
import { outcomeOf } from '../../runners/outcome.ts'

/** Dispatches the follow-on events of a job that has completed, where it has not been done. Harmless when repeated. */
export type Settle = (record: EventRecord, key: string, job: { process: string, id: string }, value: unknown) => Promise<Dispatched[]>

type Dependencies = { dispatch: Pick<Dispatch, 'followOn'>, lookups: () => Lookups, maxOutput: number, log: Logger }

export function createSettle ({ dispatch, lookups, maxOutput, log }: Dependencies): Settle {
  return async (record, key, { process: processName, id }, value) => {
    const stored = value as StoredOutcome | null
    const foreign = 'external' in (lookups().processes.get(processName)?.run ?? {})
    if (!foreign && stored?.settled === true) return stored.events
    let events: FollowOn[]
    try {
      // Of our own runners the outcome has been read already; a foreign worker may return anything.
      events = !foreign && stored?.settled === false ? stored.events : outcomeOf(value, { maxOutputBytes: maxOutput }).events ?? []
    } catch (error) {
      log.warn({ job: id, process: processName, reason: (error as Error).message }, 'the result of a foreign worker cannot be read: its follow-on events are not dispatched')
      return [{ type: '', refused: (error as Error).message }]
    }
    const { event, root, depth, above } = record
    return await dispatch.followOn({ id, process: processName, key, event, lineage: { root, depth, above } }, events)
  }
}
