import { unavailable } from '../base/errors.ts'
import { withTimeout } from '../base/timeout.ts'

/**
 * The same verbs for one who must answer in time: what the datastore does not answer within `ms` is
 * BACKEND_UNAVAILABLE.
 */
export function bounded<T extends object> (all: T, names: ReadonlyArray<keyof T>, ms: number): T {
  const limit = <A extends unknown[], R>(verb: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    try {
      return await withTimeout(verb(...args), ms)
    } catch (error) {
      throw unavailable(error)
    }
  }
  return {
    ...all,
    ...Object.fromEntries(names.map((name) => [name, limit(all[name] as (...args: unknown[]) => Promise<unknown>)]))
  }
}

export const LEDGER_VERBS = ['commit', 'get', 'list', 'count', 'now'] as const
export const WORK_VERBS = [
  'get',
  'active',
  'promote',
  'remove',
  'counts',
  'busyQueues',
  'pause',
  'resume',
  'schedules',
  'publish'
] as const
export const VERBS = ['accept', 'cancel', 'retry', 'handle', 'restore', 'remove', 'wakeGates'] as const
