import { SignalboxError, errors } from '../base/errors.ts'
import type { Queues } from './contract.ts'
import { withTimeout } from './timeout.ts'

const BOUNDED = ['addJob', 'addChild', 'get', 'getMany', 'children', 'logs', 'list', 'failed', 'countUnder', 'updateData', 'removeWaiting', 'remove', 'rerun', 'promote', 'readNotes', 'writeNote', 'mark', 'unmark', 'marked', 'schedules', 'counts', 'pause', 'resume', 'publish'] as const

/** The same queues for one who must answer in time: what the datastore does not answer within `ms` is BACKEND_UNAVAILABLE. */
export function bounded (queues: Queues, ms: number): Queues {
  const limit = <A extends unknown[], R>(verb: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    try {
      return await withTimeout(verb(...args), ms)
    } catch (error) {
      throw error instanceof SignalboxError ? error : errors.backendUnavailable(error)
    }
  }
  const verbs = Object.fromEntries(BOUNDED.map((name) => [name, limit(queues[name] as (...args: unknown[]) => Promise<unknown>)]))
  return { ...queues, ...verbs }
}
