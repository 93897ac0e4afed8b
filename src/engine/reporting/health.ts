import type { Queues } from '../../queues/contract.ts'
import type { ReadyView } from '../../schemas/health.ts'
import type { LookupFiles } from '../lookups/lookup-files.ts'

/** Whether this role can do its work. */
export interface Health {
  /** `problem` is for the log: what the datastore says may name its address. */
  ready: () => Promise<{ view: ReadyView, problem?: Error | undefined }>
}

type Dependencies = { queues: Pick<Queues, 'ping' | 'backend'>, lookupFiles: LookupFiles, timeoutMs: number }

export function createHealth ({ queues, lookupFiles, timeoutMs }: Dependencies): Health {
  return {
    ready: async () => {
      const problem = await queues.ping(timeoutMs).then(() => undefined, (error: Error) => error)
      const view = {
        ready: problem === undefined,
        backend: problem === undefined ? 'ok' : `${queues.backend} does not answer`,
        lookups: lookupFiles.problem() ?? 'ok',
        lookups_hash: lookupFiles.current().hash
      }
      return { view, problem }
    }
  }
}
