import type { Logger } from 'pino'
import type { Entered, Ledger } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { forgetFailed } from '../notifications/failed.ts'
import { OWN_QUEUES } from '../own-queues.ts'
import type { Verbs } from '../verbs.ts'
import { startTimers, type Timers } from './timers.ts'

/** How often gates that are due are looked at, and the ends of foreign workers collected. */
const DUE_MS = 500
const COLLECT_MS = 500
/** How often jobs are put on their queues whose process has died in between, and which count as left behind. */
const SWEEP_MS = 2000
const LEFT_MS = 5000
/** How often one page of the open jobs of a process is held against its queue; what is younger may be on its way. */
const RECONCILE_MS = 60_000
const RECONCILED_MS = 60_000
/** A process that has the old lookups still may have taken events after the new ones were read here. */
const WAKE_AGAIN_MS = 60_000
const PRUNE_MS = 60_000
const ENDS = 200

type Dependencies = {
  verbs: Pick<Verbs, 'takeDue' | 'wakeGates' | 'collect' | 'reconcile' | 'prune'>
  ledger: Pick<Ledger, 'get' | 'list' | 'count' | 'commit' | 'sweep'>
  work: Pick<Work, 'ends' | 'busyQueues'>
  now: () => number
  lookups: () => Lookups
  onLookups: (listener: (lookups: Lookups) => void) => void
  retentionMs: number
  log: Logger
  onError: (error: Error) => void
}

type State = Dependencies & {
  /** Queues that the lookups have named, or that held jobs, since the start. */
  queues: Set<string>
  /** Where the next page of open jobs of a process begins. */
  pages: Map<string, Entered | undefined>
  /** The processes whose turn comes. */
  turn: string[]
}

/**
 * What nobody else does: looks at gates that are due, settles what foreign workers have ended, puts on its queue what
 * was lost on the way, and removes what is old. Any number of these may run; all of it is harmless when it is done
 * twice.
 */
export function startResultPoller (dependencies: Dependencies): Timers {
  const state: State = { ...dependencies, queues: new Set(), pages: new Map(), turn: [] }
  const { verbs, ledger, onLookups, onError } = dependencies
  const timers = startTimers(onError, [
    { everyMs: DUE_MS, act: async () => { await verbs.takeDue() } },
    { everyMs: COLLECT_MS, act: () => collectAll(state) },
    { everyMs: SWEEP_MS, act: async () => { await ledger.sweep(LEFT_MS) } },
    { everyMs: RECONCILE_MS, act: () => reconcileNext(state) },
    { everyMs: PRUNE_MS, act: () => pruneAll(state) }
  ])
  timers.once(0, async () => { await verbs.wakeGates() })
  onLookups(() => {
    timers.once(0, async () => { await verbs.wakeGates() })
    timers.once(WAKE_AGAIN_MS, async () => { await verbs.wakeGates() })
  })
  return timers
}

async function collectAll (state: State): Promise<void> {
  const { work, verbs, lookups, queues } = state
  if (queues.size === 0) for (const queue of await work.busyQueues()) queues.add(queue)
  for (const { queue } of lookups().processes.values()) queues.add(queue)
  for (const own of OWN_QUEUES) queues.delete(own)
  for (;;) {
    const ends = await work.ends([...queues], ENDS)
    for (const queue of new Set(ends.map((end) => end.queue))) await verbs.collect(queue)
    if (ends.length < ENDS) return
  }
}

/** A process that was taken out of the lookups may have jobs still: those are known by the queue that holds them. */
async function reconcileNext (state: State): Promise<void> {
  const { verbs, work, lookups, queues, pages, turn } = state
  if (turn.length === 0) {
    turn.push(...lookups().processes.keys())
    for (const queue of await work.busyQueues()) queues.add(queue)
  }
  const name = turn.shift()
  if (name === undefined) return
  const after = await verbs.reconcile(name, RECONCILED_MS, pages.get(name))
  pages.set(name, after)
}

async function pruneAll ({ verbs, ledger, now, retentionMs, log }: State): Promise<void> {
  let removed = 0
  for (;;) {
    const { trees, areMore } = await verbs.prune(retentionMs)
    removed += trees
    if (!areMore) break
  }
  await forgetFailed(ledger, now() - retentionMs)
  if (removed > 0) log.info({ trees: removed }, 'events older than the retention are removed')
}
