import type { Loops } from '../../base/loops.ts'
import type { Work } from '../../queues/work.ts'
import type { ReadyView } from '../../schemas/health.ts'
import type { LookupFiles } from '../lookups/lookup-files.ts'
import { PRESENCE } from '../worker/presence.ts'
import { STATISTICS } from './tally.ts'

/** Whether this role can do its work. */
export interface Health {
  /** `problem` is for the log: what the datastore says may name its address. */
  ready: () => Promise<{ view: ReadyView, problem?: Error | undefined }>
}

/** What is known of datastore and disk. `isStopping`: it has been asked to end, and takes what still comes. */
export type State = { full: string | undefined, diskFull: boolean, warnings: string[], isStopping: boolean }

/** What is told for people: no event and no job waits for it. */
const BESIDE: ReadonlySet<string> = new Set([PRESENCE, STATISTICS])

type Dependencies = {
  loops: Pick<Loops, 'unserved'>
  work: Pick<Work, 'ping' | 'backend' | 'unserved'>
  lookupFiles: LookupFiles
  state: () => State
  timeoutMs: number
}

export function createHealth ({ work, lookupFiles, state, loops, timeoutMs }: Dependencies): Health {
  return {
    ready: async () => {
      const failed = await work.ping(timeoutMs).then(() => undefined, (error: Error) => error)
      const { full, diskFull, warnings, isStopping } = state()
      const [unserved, stuck] = [work.unserved(), loops.unserved()]
      const missing = [...unserved.map((name) => `queue ${name}`), ...stuck.filter((name) => !BESIDE.has(name))]
      const problem = failed ?? problemOf({ missing, full, diskFull, isStopping })
      const view = {
        ready: problem === undefined,
        backend: failed === undefined ? 'ok' : `${work.backend} does not answer`,
        queues: notServed(unserved),
        loops: notServed(stuck),
        intake: isStopping ? 'closed: it is being stopped' : full === undefined ? 'open' : `closed: ${full}`,
        warnings,
        lookups: lookupFiles.problem() ?? 'ok',
        lookups_hash: lookupFiles.current().hash
      }
      return { view, problem }
    }
  }
}

const notServed = (names: string[]): string => names.length === 0 ? 'ok' : `not served: ${names.join(', ')}`

type Seen = Omit<State, 'warnings'> & { missing: string[] }

/** A datastore that is nearly full is no reason to send nobody here: the intake says so itself. */
function problemOf ({ missing, full, diskFull, isStopping }: Seen): Error | undefined {
  if (isStopping) return new Error('it is being stopped')
  if (diskFull) return new Error(full)
  return missing.length === 0 ? undefined : new Error(`not served: ${missing.join(', ')}`)
}
