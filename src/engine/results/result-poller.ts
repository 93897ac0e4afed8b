import type { Logger } from 'pino'
import type { Loops, RunningLoop } from '../../base/loops.ts'
import type { Entered, Ledger } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { forgetFailed } from '../notifications/failed.ts'
import { markMadeGood } from '../redrive/mark-made-good.ts'
import { OWN_QUEUES } from '../own-queues.ts'
import type { Verbs } from '../verbs.ts'
import { listProcesses } from './named.ts'
import type { Reconciled } from './reconcile.ts'

/** How often gates that are due are looked at, and the ends of foreign workers collected. */
const DUE_MS = 500
const COLLECT_MS = 500
/** The same for what BullMQ itself has given up on queues of our own workers, which happens hardly ever. */
const COLLECT_ALL_MS = 10_000
/** How often jobs are put on their queues whose process has died in between, and which count as left behind. */
const SWEEP_MS = 2000
const LEFT_MS = 5000
/** How often all open jobs are held against their queues, page by page; what is younger may be on its way. */
const RECONCILE_MS = 60_000
const PAGE_MS = 500
const RECONCILED_MS = 60_000
/** A process that has the old lookups still may have taken events after the new ones were read here. */
const WAKE_AGAIN_MS = 60_000
const PRUNE_MS = 60_000
/** How often one page of the failures is held against what came after them. */
const MADE_GOOD_MS = 5000
/** Those that go on until nothing is left may take so long. */
const MUCH_MS = 10 * 60_000
const ENDS = 200

type Dependencies = {
  verbs: Pick<Verbs, 'takeDue' | 'wakeGates' | 'collect' | 'reconcile' | 'prune' | 'handle'>
  ledger: Pick<Ledger, 'get' | 'list' | 'count' | 'commit' | 'sweep'>
  work: Pick<Work, 'ends' | 'busyQueues'>
  now: () => number
  lookups: () => Lookups
  onLookups: (listener: (lookups: Lookups) => void) => void
  retentionMs: number
  log: Logger
  loops: Loops
}

type State = Dependencies & {
  /** Queues of foreign workers, and those that the lookups did not name when they held jobs, since the start. */
  foreign: Set<string>
  /** Where the next page of the failures begins. */
  failures: Entered | undefined
  /** The pages of open jobs whose turn comes, and when all have theirs again. */
  turn: Reconciled[]
  roundAt: number
}

/**
 * What nobody else does: looks at gates that are due, settles what foreign workers have ended, puts on its queue what
 * was lost on the way, and removes what is old. Any number of these may run; all of it is harmless when it is done
 * twice.
 */
export function startResultPoller (dependencies: Dependencies): { close: () => Promise<void> } {
  const roundAt = dependencies.now() + RECONCILE_MS
  const state: State = { ...dependencies, foreign: new Set(), turn: [], roundAt, failures: undefined }
  const { verbs, ledger, onLookups, loops } = dependencies
  const madeGood = async (): Promise<void> => { state.failures = await markMadeGood(state, state.failures) }
  const much = (name: string, everyMs: number | undefined, act: () => Promise<unknown>): RunningLoop =>
    loops.start({ name, everyMs, act, silentMs: MUCH_MS })
  const wake = much('changed gates', undefined, () => verbs.wakeGates())
  const left = much('ends on queues', COLLECT_ALL_MS, () => collectAll(state))
  const others = [
    much('ends of foreign workers', COLLECT_MS, () => collectForeign(state)),
    much('retention', PRUNE_MS, () => pruneAll(state)),
    loops.start({ name: 'due gates', everyMs: DUE_MS, act: () => verbs.takeDue() }),
    loops.start({ name: 'undelivered jobs', everyMs: SWEEP_MS, act: () => ledger.sweep(LEFT_MS) }),
    loops.start({ name: 'lost jobs', everyMs: PAGE_MS, act: () => reconcileNext(state) }),
    loops.start({ name: 'failures made good', everyMs: MADE_GOOD_MS, act: madeGood })
  ]
  wake.soon()
  left.soon()
  onLookups(() => {
    wake.soon()
    wake.soon(WAKE_AGAIN_MS)
  })
  return { close: async () => { await Promise.all([wake, left, ...others].map((one) => one.close())) } }
}

async function collectForeign (state: State): Promise<void> {
  for (const { queue, run } of state.lookups().processes.values()) if ('external' in run) state.foreign.add(queue)
  await collectFrom(state, [...state.foreign])
}

/** A process that was taken out of the lookups may have jobs still: those are known by the queue that holds them. */
async function collectAll (state: State): Promise<void> {
  const { work, lookups, foreign } = state
  const named = new Set([...lookups().processes.values()].map(({ queue }) => queue))
  for (const queue of await work.busyQueues()) if (!named.has(queue) && !OWN_QUEUES.has(queue)) foreign.add(queue)
  await collectFrom(state, [...new Set([...named, ...foreign])])
}

async function collectFrom ({ work, verbs }: State, queues: string[]): Promise<void> {
  if (queues.length === 0) return
  for (;;) {
    const ends = await work.ends(queues, ENDS)
    for (const queue of new Set(ends.map((end) => end.queue))) await verbs.collect(queue)
    if (ends.length < ENDS) return
  }
}

/** One page at a time, each process in its turn. */
async function reconcileNext (state: State): Promise<void> {
  const { verbs, ledger, lookups, turn, now } = state
  if (turn.length === 0 && now() >= state.roundAt) {
    state.roundAt = now() + RECONCILE_MS
    turn.push(...await listProcesses(ledger, lookups(), now()))
  }
  const next = turn.shift()
  if (next === undefined) return
  const after = await verbs.reconcile(next, RECONCILED_MS)
  if (after !== undefined) turn.push({ ...next, after })
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
