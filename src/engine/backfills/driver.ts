import type { Logger } from 'pino'
import type { Loops } from '../../base/loops.ts'
import { SignalboxError } from '../../base/errors.ts'
import type { WorkerHandle, WorkerJob, Work } from '../../queues/work.ts'
import type { EventTree } from '../../schemas/events.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import type { History } from '../history/history.ts'
import { BACKFILLS_QUEUE } from '../own-queues.ts'
import { windowEvent } from './event.ts'
import {
  concurrencyOf, countsOf, hasEnded, indexesOf, statusOf, toDriver, tryOf, withMarks, BACKFILLS_SET,
  type BackfillJob, type BackfillState, type Mark
} from './state.ts'
import { changeState, forgetOld, readStates, type BackfillStore } from './store.ts'

const CONCURRENCY = 10
const MAX_STALLED = 1_000_000
/** Between two looks at the windows that run: the longer nothing has happened, the longer. */
const PAUSE_MS = 250
const PAUSE_MAX_MS = 5000
/** How often old backfills are forgotten, and jobs that a queue has lost are put in again. */
const SWEEP_MS = 60_000
/** Backfills that one sweep looks at. */
const SWEPT = 100

type Changes = Map<number, { mark: Mark, reason?: string }>

export type DriverDependencies = {
  ledger: BackfillStore
  work: Pick<Work, 'worker' | 'get'>
  now: () => number
  dispatch: Pick<Dispatch, 'submit'>
  history: Pick<History, 'tree'>
  retentionMs: number
  lockMs: number
  stalledMs: number
  log: Logger
  loops: Loops
  onError: (error: Error) => void
}

/**
 * The worker of the backfills: looks what the windows that run have come to, submits others in their place, and comes
 * again a little later. It may die anywhere: a window is marked as running after its event is stored, and the same
 * event is never stored twice.
 */
export function startBackfillDriver (dependencies: DriverDependencies): Pick<WorkerHandle, 'close'> {
  const { work, lockMs, stalledMs, loops, onError } = dependencies
  const options = { concurrency: CONCURRENCY, lockMs, stalledMs, maxStalled: MAX_STALLED, onError }
  const worker = work.worker(BACKFILLS_QUEUE, (job) => drive(dependencies, job), options)
  const sweeping = loops.start({ name: 'backfills', everyMs: SWEEP_MS, act: () => sweep(dependencies) })
  sweeping.soon()
  return {
    close: async () => {
      await worker.close()
      await sweeping.close()
    }
  }
}

type Driving = Pick<DriverDependencies, 'ledger' | 'now' | 'dispatch' | 'history' | 'log'>

/** One look; it throws what has its job come again. */
export async function drive (dependencies: Driving, job: Pick<WorkerJob, 'data' | 'postpone'>): Promise<unknown> {
  const { ledger, now, log } = dependencies
  const { id, run } = job.data as BackfillJob
  // Of a later run nothing is known here: its tries are others.
  const change = (next: (state: BackfillState) => BackfillState): Promise<BackfillState | undefined> =>
    changeState(ledger, id, (state) => state.run > run ? state : next(state))
  const [found] = await readStates(ledger, [id])
  // It was forgotten, or the job of a later run has taken over.
  if (found === undefined || found.value.run > run) return { run: found?.value.run }

  const outcomes = await look(dependencies, id, found.value)
  const looked = await change((state) => withMarks(state, 'r', outcomes, now()))
  if (looked === undefined) return {}
  const { submitted, failure } = await submit(dependencies, id, looked)
  const state = await change((before) => withEnd(withMarks(before, 'w', submitted, now()), now()))
  if (failure !== undefined) {
    log.warn({ err: failure, backfill: id }, 'windows could not be submitted; they are tried again')
    throw failure
  }
  if (state === undefined) return {}
  if (!hasEnded(state)) {
    throw await job.postpone(Math.min(Math.max(PAUSE_MS, (now() - state.changed) / 4), PAUSE_MAX_MS))
  }
  const windows = countsOf(state)
  log.info({ backfill: id, status: statusOf(state), ...windows }, 'backfill ended')
  return windows
}

/** Puts jobs in again that their queue does not know, and forgets what has ended long ago. */
type Sweeping = Pick<DriverDependencies, 'ledger' | 'retentionMs' | 'now'> & { work: Pick<Work, 'get'> }

export async function sweep ({ ledger, work, retentionMs, now }: Sweeping): Promise<void> {
  await forgetOld(ledger, retentionMs, now())
  const ids = (await ledger.list(BACKFILLS_SET, { reverse: true, limit: SWEPT })).map(([, id]) => id)
  const states = await readStates(ledger, ids)
  const open = ids.flatMap((id, i) => {
    const state = states[i]?.value
    const isOver = state === undefined || (hasEnded(state) && state.ended !== null)
    return isOver ? [] : [toDriver(id, state.run)]
  })
  const known = await work.get(open)
  for (const [i, driver] of open.entries()) {
    if (known[i] === undefined) {
      await ledger.commit({ expect: [], enqueue: [driver] })
    }
  }
}

/** What the windows that ran have come to. */
async function look ({ history }: Driving, id: string, state: BackfillState): Promise<Changes> {
  const found = await Promise.all(
    indexesOf(state, 'r').map(async (index): Promise<[number, { mark: Mark, reason?: string }]> => {
      const { key } = windowEvent(id, state.range, index, tryOf(state, index))
      try {
        return [index, toMark(await history.tree(key))]
      } catch (error) {
        if (!(error instanceof SignalboxError) || error.code !== 'EVENT_NOT_FOUND') throw error
        return [index, { mark: 'f', reason: 'its event was removed before its end was seen' }]
      }
    })
  )
  return new Map(found)
}

/** Submits as many windows as there is room for. Those that are stored count, also where others could not be. */
async function submit (
  { dispatch }: Driving,
  id: string,
  state: BackfillState
): Promise<{ submitted: Changes, failure: unknown }> {
  const submitted: Changes = new Map()
  let failure: unknown
  const room = state.cancelled || state.paused === true ? 0 : concurrencyOf(state) - countsOf(state).running
  await Promise.all(indexesOf(state, 'w', room).map(async (index) => {
    try {
      const attempt = tryOf(state, index)
      // A later try of a window stands for the one before: where it succeeds, it makes good what had failed.
      const replays = attempt === 1 ? undefined : windowEvent(id, state.range, index, attempt - 1).key
      await dispatch.submit(windowEvent(id, state.range, index, attempt), { replays })
      submitted.set(index, { mark: 'r' })
    } catch (error) {
      if (error instanceof SignalboxError && error.statusCode < 500) {
        submitted.set(index, { mark: 'f', reason: error.message })
      } else failure = error
    }
  }))
  return { submitted, failure }
}

function withEnd (state: BackfillState, now: number): BackfillState {
  return state.ended === null && hasEnded(state) ? { ...state, ended: new Date(now).toISOString() } : state
}

function toMark (tree: EventTree): { mark: Mark, reason?: string } {
  switch (tree.tree_status) {
    case 'incomplete': return { mark: 'r' }
    case 'complete': return { mark: 'c' }
    default: return { mark: 'f', reason: reasonOf(tree) ?? tree.tree_status }
  }
}

/** Why the first job of a tree failed that did. */
function reasonOf (tree: EventTree): string | undefined {
  for (const { process: processName, status, reason, events } of tree.jobs) {
    if (status === 'failed' || status === 'cancelled') return `${processName}: ${reason ?? status}`
    for (const event of events) {
      const below = reasonOf(event)
      if (below !== undefined) return below
    }
  }
  return undefined
}
