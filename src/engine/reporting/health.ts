import type { Work } from '../../queues/work.ts'
import type { ReadyView } from '../../schemas/health.ts'
import type { LookupFiles } from '../lookups/lookup-files.ts'

/** Whether this role can do its work. */
export interface Health {
  /** `problem` is for the log: what the datastore says may name its address. */
  ready: () => Promise<{ view: ReadyView, problem?: Error | undefined }>
}

/** What is known of datastore and disk. `isStopping`: it has been asked to end, and takes what still comes. */
export type State = { full: string | undefined, diskFull: boolean, warnings: string[], isStopping: boolean }

type Dependencies = {
  work: Pick<Work, 'ping' | 'backend' | 'unserved'>
  lookupFiles: LookupFiles
  state: () => State
  timeoutMs: number
}

export function createHealth ({ work, lookupFiles, state, timeoutMs }: Dependencies): Health {
  return {
    ready: async () => {
      const failed = await work.ping(timeoutMs).then(() => undefined, (error: Error) => error)
      const { full, diskFull, warnings, isStopping } = state()
      const unserved = work.unserved()
      const queues = unserved.length === 0 ? 'ok' : `not served: ${unserved.join(', ')}`
      const problem = failed ?? problemOf({ queues, full, diskFull, isStopping })
      const view = {
        ready: problem === undefined,
        backend: failed === undefined ? 'ok' : `${work.backend} does not answer`,
        queues,
        intake: isStopping ? 'closed: it is being stopped' : full === undefined ? 'open' : `closed: ${full}`,
        warnings,
        lookups: lookupFiles.problem() ?? 'ok',
        lookups_hash: lookupFiles.current().hash
      }
      return { view, problem }
    }
  }
}

type Seen = Omit<State, 'warnings'> & { queues: string }

/** A datastore that is nearly full is no reason to send nobody here: the intake says so itself. */
function problemOf ({ queues, full, diskFull, isStopping }: Seen): Error | undefined {
  if (isStopping) return new Error('it is being stopped')
  if (diskFull) return new Error(full)
  return queues === 'ok' ? undefined : new Error(`queues are ${queues}`)
}
