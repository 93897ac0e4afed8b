import { statfs } from 'node:fs/promises'
import type { Logger } from 'pino'
import { SignalboxError } from '../base/errors.ts'
import type { Loops } from '../base/loops.ts'
import type { State } from '../engine/reporting/health.ts'
import type { Condition, Work } from '../queues/work.ts'
import type { Config } from './config.ts'

const ASK_MS = 2000
const MB = 1024 * 1024

/** What speaks against datastore and disk, asked for every few seconds. */
export interface Watch {
  state: () => State
  /** From now on this process says that it is not ready. */
  stopping: () => void
  close: () => Promise<void>
}

type Dependencies = { config: WatchSettings, work: Pick<Work, 'condition'>, log: Logger, loops: Loops }
export type WatchSettings = Pick<Config, 'backend' | 'store'> & {
  queues: Pick<Config['queues'], 'high_water' | 'min_free_mb'>
}
type Known = Dependencies & { seen: State }

/**
 * Answers when it has asked for the first time, so that no event comes before.
 *
 * @throws DATASTORE_UNFIT where it cannot be used at all
 */
export async function watchCondition (given: Dependencies): Promise<Watch> {
  const seen: State = { full: undefined, diskFull: false, warnings: [], isStopping: false }
  const known: Known = { ...given, seen }
  await look(known).catch((error: unknown) => {
    // Whether it answers is asked elsewhere.
    if (error instanceof SignalboxError) throw error
  })
  const loop = given.loops.start({ name: 'condition of the datastore', everyMs: ASK_MS, act: () => look(known) })
  return {
    state: () => known.seen,
    stopping: () => { known.seen = { ...known.seen, isStopping: true } },
    close: loop.close
  }
}

async function look (known: Known): Promise<void> {
  const { config, work } = known
  const asked = work.condition(config.queues.high_water)
  const [datastore, disk] = await Promise.all([asked, diskCondition(config)])
  tell(known, datastore, disk)
}

function tell (known: Known, datastore: Condition, disk: string | undefined): void {
  const { log, seen } = known
  const full = disk ?? datastore.full
  for (const warning of datastore.warnings) {
    if (!seen.warnings.includes(warning)) log.error({ warning }, 'the datastore is not safe')
  }
  if (full !== undefined && seen.full === undefined) log.error({ reason: full }, 'no new event is taken')
  if (full === undefined && seen.full !== undefined) log.info('events are taken again')
  known.seen = { ...seen, full, diskFull: disk !== undefined, warnings: datastore.warnings }
}

/** Of the folders that this process writes to. */
async function diskCondition ({ backend, store, queues }: WatchSettings): Promise<string | undefined> {
  const { min_free_mb: leastMb } = queues
  const folders = [/^pglite:(.+)$/s.exec(backend)?.[1], /^file:(.+)$/s.exec(store)?.[1]]
  for (const folder of folders) {
    // One that is not there yet is made when something is written.
    const found = folder === undefined ? undefined : await statfs(folder).catch(() => undefined)
    if (found === undefined) continue
    const freeMb = Math.floor(found.bavail * found.bsize / MB)
    if (freeMb < leastMb) return `the disk of ${folder} has ${freeMb} MB left, and ${leastMb} MB are the least`
  }
  return undefined
}
