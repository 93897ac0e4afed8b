import type { Work } from '../../queues/work.ts'
import type { ReadyView } from '../../schemas/health.ts'
import type { LookupFiles } from '../lookups/lookup-files.ts'

/** Whether this role can do its work. */
export interface Health {
  /** `problem` is for the log: what the datastore says may name its address. */
  ready: () => Promise<{ view: ReadyView, problem?: Error | undefined }>
}

type Dependencies = { work: Pick<Work, 'ping' | 'backend'>, lookupFiles: LookupFiles, timeoutMs: number }

export function createHealth ({ work, lookupFiles, timeoutMs }: Dependencies): Health {
  return {
    ready: async () => {
      const problem = await work.ping(timeoutMs).then(() => undefined, (error: Error) => error)
      const view = {
        ready: problem === undefined,
        backend: problem === undefined ? 'ok' : `${work.backend} does not answer`,
        lookups: lookupFiles.problem() ?? 'ok',
        lookups_hash: lookupFiles.current().hash
      }
      return { view, problem }
    }
  }
}
