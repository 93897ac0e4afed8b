import { isDeepStrictEqual } from 'node:util'
import { uuidv7 } from 'uuidv7'
import { windowEvent } from './event.ts'
import { readBackfill, windowAt, type BackfillRange } from './range.ts'
import {
  BACKFILLS_SET, countsOf, driverId, hasEnded, indexesOf, lifeOf, newState, stateName, statusOf, tryOf, withRetry,
  type BackfillJob, type BackfillState
} from './state.ts'
import type { BackfillView } from '../../schemas/backfills.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import { errors } from '../../base/errors.ts'
import { changeNote } from '../../queues/notes.ts'
import { BACKFILLS_QUEUE, type Queues } from '../../queues/contract.ts'

const MAX_LISTED = 10_000
const MAX_FAILED = 1000
/** One that is listed and not there after this has been forgotten; before, it is being made. */
const BEGUN_MS = 60_000
/** The job of a backfill is not given up: its work is ours, and it fails only when the datastore does. */
const DRIVER_OPTIONS = { attempts: 1_000_000, backoff: { type: 'fixed' as const, delay: 2000 } }

export interface Backfills {
  /** `known`: the same id and body were there already. */
  start: (body: unknown) => Promise<{ backfill: BackfillView, known: boolean }>
  get: (id: string) => Promise<BackfillView>
  list: (limit: number, cursor?: string) => Promise<{ items: BackfillView[], next: string | null }>
  /** Submits no more windows; those that run go on. */
  cancel: (id: string) => Promise<BackfillView>
  /** Runs the failed windows again, as new events; a cancelled backfill goes on, too. */
  retry: (id: string) => Promise<BackfillView>
}

type Dependencies = {
  queues: Pick<Queues, 'addJob' | 'get' | 'rerun' | 'readNotes' | 'writeNote' | 'mark' | 'marked' | 'unmark'>
  dispatch: Pick<Dispatch, 'plan'>
  retentionMs: number
}

export function createBackfills ({ queues, dispatch, retentionMs }: Dependencies): Backfills {
  const change = (id: string, next: (state: BackfillState | undefined) => BackfillState | undefined) =>
    changeNote<BackfillState>(queues, stateName(id), next, lifeOf(retentionMs))

  async function start (body: unknown): Promise<{ backfill: BackfillView, known: boolean }> {
    const { id = uuidv7(), range } = readBackfill(body)
    check(id, range)
    const [known] = await queues.readNotes<BackfillState>([stateName(id)])
    if (known !== undefined) return { backfill: same(id, known.value, range), known: true }
    // The job is the backfill: whatever is missing after it, it makes itself.
    const job: BackfillJob = { id, range, run: 1, created: new Date().toISOString() }
    await addDriver(job)
    await queues.mark([{ set: BACKFILLS_SET, id, at: Date.parse(job.created) }])
    const state = await change(id, (found) => found ?? newState(job))
    return { backfill: same(id, state as BackfillState, range), known: false }
  }

  /** What would refuse every window refuses the whole. */
  function check (id: string, range: BackfillRange): void {
    const { type, listed, jobs } = dispatch.plan(windowEvent(id, range, 0, 1))
    if (!listed) throw errors.unknownEventType(type)
    for (const { process: processName, problems: [problem] } of jobs) {
      if (problem !== undefined) {
        throw errors.invalidBackfill(problem.field, `${problem.message} (needed by ${processName})`)
      }
    }
  }

  function same (id: string, state: BackfillState, range: BackfillRange): BackfillView {
    if (!isDeepStrictEqual(state.range, range)) throw errors.backfillExists(id)
    return toView(id, state)
  }

  async function addDriver (job: BackfillJob): Promise<void> {
    const key = driverId(job.id, job.run)
    await queues.addJob({ queue: BACKFILLS_QUEUE, id: key, name: 'backfill', data: job, options: DRIVER_OPTIONS })
    // One of a backfill that was forgotten, whose id is used again.
    const state = (await queues.get(BACKFILLS_QUEUE, key))?.state
    if (state === 'completed' || state === 'failed') await queues.rerun(BACKFILLS_QUEUE, key)
  }

  async function read (id: string): Promise<BackfillState> {
    const [note] = await queues.readNotes<BackfillState>([stateName(id)])
    if (note === undefined) throw errors.backfillNotFound(id)
    return note.value
  }

  async function list (limit: number, cursor?: string): Promise<{ items: BackfillView[], next: string | null }> {
    const all = (await queues.marked(BACKFILLS_SET, MAX_LISTED)).reverse()
    const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1
    if (cursor !== undefined && from === 0) throw errors.invalidQuery('cursor', 'is not one of this list')
    const page = all.slice(from, from + limit)
    const notes = await queues.readNotes<BackfillState>(page.map(({ id }) => stateName(id)))
    const items = page.flatMap(({ id }, i) => notes[i] === undefined ? [] : [withoutFailed(toView(id, notes[i].value))])
    await queues.unmark(
      BACKFILLS_SET,
      page.filter(({ at }, i) => notes[i] === undefined && Date.now() - at > BEGUN_MS).map(({ id }) => id)
    )
    return { items, next: from + limit < all.length ? page.at(-1)?.id ?? null : null }
  }

  async function cancel (id: string): Promise<BackfillView> {
    const state = await change(id, (found) =>
      found === undefined || hasEnded(found) || found.cancelled ? found : { ...found, cancelled: true }
    )
    if (state === undefined) throw errors.backfillNotFound(id)
    return toView(id, state)
  }

  async function retry (id: string): Promise<BackfillView> {
    const state = await read(id)
    if (countsOf(state).failed === 0 && statusOf(state) !== 'cancelled') throw errors.nothingToRetry(id)
    const run = state.run + 1
    await addDriver({ id, range: state.range, run, created: state.created })
    const retried = await change(id, (found) => withRetry(found ?? state, run, Date.now()))
    return toView(id, retried as BackfillState)
  }

  return { start, get: async (id) => toView(id, await read(id)), list, cancel, retry }
}

const withoutFailed = ({ failed: _failed, ...shown }: BackfillView): BackfillView => shown

function toView (id: string, state: BackfillState): BackfillView {
  const { range, created, ended, run, reasons } = state
  return {
    id,
    type: range.type,
    subject: range.subject ?? null,
    begin: range.begin,
    end: range.end,
    every: range.every,
    concurrency: range.concurrency,
    status: statusOf(state),
    windows: countsOf(state),
    failed: indexesOf(state, 'f', MAX_FAILED).map((index) => ({
      ...windowAt(range, index),
      event: windowEvent(id, range, index, tryOf(state, index)).key,
      reason: reasons[index] ?? 'see its event'
    })),
    created,
    ended,
    tries: run
  }
}
