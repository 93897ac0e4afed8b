import type { Logger } from 'pino'
import { windowEvent } from './event.ts'
import {
  BACKFILLS_SET, countsOf, hasEnded, indexesOf, lifeOf, newState, stateName, statusOf, tryOf, withMarks, withRetry,
  type BackfillJob, type BackfillState, type Mark
} from './state.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import { SignalboxError } from '../../base/errors.ts'
import type { History } from '../history/history.ts'
import { changeNote } from '../../queues/notes.ts'
import { BACKFILLS_QUEUE, type Queues, type WorkerHandle, type WorkerJob } from '../../queues/contract.ts'
import type { EventTree } from '../../schemas/events.ts'

const CONCURRENCY = 10
const MAX_STALLED = 1_000_000
/** Between two looks at the windows that run: the longer nothing has happened, the longer. */
const PAUSE_MS = 250
const PAUSE_MAX_MS = 5000

type Changes = Map<number, { mark: Mark, reason?: string }>

type Dependencies = {
  queues: Pick<Queues, 'worker' | 'readNotes' | 'writeNote' | 'mark'>
  dispatch: Pick<Dispatch, 'submit'>
  history: Pick<History, 'tree'>
  retentionMs: number
  lockMs: number
  stalledMs: number
  log: Logger
  onError: (error: Error) => void
}

/**
 * The worker of the backfills: looks what the windows that run have come to, submits others in their place, and comes
 * again a little later. It may die anywhere: a window is marked as running after its event is stored, and the same
 * event is never stored twice.
 */
export function startBackfillDriver ({
  queues, dispatch, history, retentionMs, lockMs, stalledMs, log, onError
}: Dependencies): WorkerHandle {
  async function drive (job: WorkerJob): Promise<unknown> {
    const given = job.data as BackfillJob
    const { id } = given
    const change = async (next: (state: BackfillState) => BackfillState): Promise<BackfillState> =>
      (await changeNote<BackfillState>(
        queues,
        stateName(id),
        (found) => next(found ?? newState(given)),
        lifeOf(retentionMs)
      )) as BackfillState

    if (job.attemptsStarted === 1) await queues.mark([{ set: BACKFILLS_SET, id, at: Date.parse(given.created) }])
    let state = await change((found) => withRetry(found, given.run, Date.now()))
    // The job of a later run has taken over.
    if (state.run > given.run) return { run: state.run }

    const outcomes = await look(id, state)
    state = await change((found) => withMarks(found, 'r', outcomes, Date.now()))
    const { submitted, failure } = await submit(id, state)
    state = await change((found) => withEnd(withMarks(found, 'w', submitted, Date.now())))
    if (failure !== undefined) {
      log.warn({ err: failure, backfill: id }, 'windows could not be submitted; they are tried again')
      throw failure
    }
    if (!hasEnded(state)) {
      throw await job.postpone(Math.min(Math.max(PAUSE_MS, (Date.now() - state.changed) / 4), PAUSE_MAX_MS))
    }
    const windows = countsOf(state)
    log.info({ backfill: id, status: statusOf(state), ...windows }, 'backfill ended')
    return windows
  }

  /** What the windows that ran have come to. */
  async function look (id: string, state: BackfillState): Promise<Changes> {
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
  async function submit (id: string, state: BackfillState): Promise<{ submitted: Changes, failure: unknown }> {
    const submitted: Changes = new Map()
    let failure: unknown
    const room = state.cancelled ? 0 : state.range.concurrency - countsOf(state).running
    await Promise.all(
      indexesOf(state, 'w', room).map(async (index) => {
        try {
          await dispatch.submit(windowEvent(id, state.range, index, tryOf(state, index)))
          submitted.set(index, { mark: 'r' })
        } catch (error) {
          if (error instanceof SignalboxError && error.statusCode < 500) {
            submitted.set(index, { mark: 'f', reason: error.message })
          } else failure = error
        }
      })
    )
    return { submitted, failure }
  }

  return queues.worker(BACKFILLS_QUEUE, drive, {
    concurrency: CONCURRENCY,
    lockMs,
    stalledMs,
    maxStalled: MAX_STALLED,
    onError
  })
}

const withEnd = (state: BackfillState): BackfillState =>
  state.ended === null && hasEnded(state) ? { ...state, ended: new Date().toISOString() } : state

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
