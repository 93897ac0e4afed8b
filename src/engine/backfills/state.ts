import { countWindows, type BackfillRange } from './range.ts'
import type { BackfillStatus, BackfillView } from '../../schemas/backfills.ts'
import { BACKFILLS_QUEUE } from '../own-queues.ts'
import { StoredActsSchema } from '../documents/acts.ts'
import { createReader } from '../documents/read.ts'
import type { QueuedJob } from '../../base/queued-job.ts'
import { Type, type Static } from 'typebox'

/** Where a window stands: waiting, running, complete, failed. */
export type Mark = 'w' | 'r' | 'c' | 'f'

/** What is kept of a backfill. */
const BackfillStateSchema = Type.Object({
  v: Type.Literal(1),
  range: Type.Unsafe<BackfillRange>(Type.Object({ type: Type.String(), begin: Type.String(), end: Type.String() })),
  /** RFC 3339. */
  created: Type.String(),
  ended: Type.Union([Type.String(), Type.Null()]),
  /** Milliseconds since 1970, when a window was last seen to go on. */
  changed: Type.Number(),
  /** One more with every retry; the job of that number drives it. */
  run: Type.Integer(),
  cancelled: Type.Boolean(),
  paused: Type.Optional(Type.Literal(true)),
  /** Windows that run at once, where that was changed since. */
  concurrency: Type.Optional(Type.Integer()),
  /** A letter per window, runs of equal ones as a number and the letter. */
  windows: Type.String(),
  /** By the number of the window: which try it is at, where that is not the first. */
  tries: Type.Record(Type.String(), Type.Integer()),
  /** By the number of the window, at most so many: why it failed. */
  reasons: Type.Record(Type.String(), Type.String()),
  acts: Type.Optional(StoredActsSchema)
})
export type BackfillState = Static<typeof BackfillStateSchema>

export const readBackfillState = createReader(BackfillStateSchema, 'backfill')

/** The data of the job that drives a backfill. */
export type BackfillJob = { id: string, run: number }

/** Set of all backfills, ordered by the time at which they were made. */
export const BACKFILLS_SET = 'backfills'
export const stateName = (id: string): string => `backfill:${id}`

/** The job of a run. It is not given up: its work is ours, and it fails only when the datastore does. */
export function toDriver (id: string, run: number): QueuedJob {
  const data: BackfillJob = { id, run }
  const options = { attempts: 1_000_000, backoff: { type: 'fixed' as const, delay: 2000 } }
  return { queue: BACKFILLS_QUEUE, id: `${id}.${run}`, name: 'backfill', data, options }
}

const MAX_REASONS = 1000
const MAX_REASON = 300
const DAY_MS = 86_400_000

export function newState (range: BackfillRange, now: number): BackfillState {
  const windows = pack(Array.from({ length: countWindows(range) }, (): Mark => 'w'))
  const created = new Date(now).toISOString()
  return { v: 1, range, created, ended: null, changed: now, run: 1, cancelled: false, windows, tries: {}, reasons: {} }
}

/**
 * Whether one that has ended may be forgotten: longer ago than its events are kept, and than the jobs that drove it.
 */
export function isOld ({ ended }: BackfillState, retentionMs: number, now: number): boolean {
  return ended !== null && now - Date.parse(ended) > retentionMs * 2 + DAY_MS
}

export function tryOf ({ tries }: Pick<BackfillState, 'tries'>, index: number): number {
  return tries[index] ?? 1
}

/**
 * Windows whose mark has changed; a failed one with the reason. Others, which somebody else has
 * changed since, stay as they are.
 */
export function withMarks (
  state: BackfillState,
  from: Mark,
  marks: ReadonlyMap<number, { mark: Mark, reason?: string }>,
  now: number
): BackfillState {
  const windows = unpack(state.windows)
  const reasons = { ...state.reasons }
  let isChanged = false
  for (const [index, { mark, reason }] of marks) {
    if (windows[index] !== from || mark === from) continue
    windows[index] = mark
    isChanged = true
    if (reason !== undefined && Object.keys(reasons).length < MAX_REASONS) {
      reasons[index] = reason.slice(0, MAX_REASON).toWellFormed()
    }
  }
  return isChanged ? { ...state, windows: pack(windows), reasons, changed: now } : state
}

/** The state in which all failed windows wait for one more try. The same for whoever asks for this run. */
export function withRetry (state: BackfillState, run: number, now: number): BackfillState {
  if (state.run >= run) return state
  const windows = unpack(state.windows)
  const tries = { ...state.tries }
  for (const [index, mark] of windows.entries()) {
    if (mark !== 'f') continue
    windows[index] = 'w'
    tries[index] = tryOf(state, index) + 1
  }
  const begun = { cancelled: false, paused: undefined, ended: null, changed: now, run }
  return { ...state, ...begun, windows: pack(windows), tries, reasons: {} }
}

export const hasEnded = (state: BackfillState): boolean => {
  const { waiting, running } = countsOf(state)
  return running === 0 && (waiting === 0 || state.cancelled)
}

export function countsOf ({ windows }: Pick<BackfillState, 'windows'>): BackfillView['windows'] {
  const counts: Record<Mark, number> = { w: 0, r: 0, c: 0, f: 0 }
  let total = 0
  for (const [, count, mark] of windows.matchAll(RUN)) {
    counts[mark as Mark] += Number(count)
    total += Number(count)
  }
  return { total, complete: counts.c, failed: counts.f, running: counts.r, waiting: counts.w }
}

export function statusOf (state: BackfillState): BackfillStatus {
  const { waiting, running, failed } = countsOf(state)
  if (state.cancelled && waiting > 0) return 'cancelled'
  if (waiting + running > 0) return state.paused === true ? 'paused' : 'running'
  return failed > 0 ? 'failed' : 'complete'
}

/** The numbers of the first windows with a mark. */
export function indexesOf ({ windows }: Pick<BackfillState, 'windows'>, wanted: Mark, most = Infinity): number[] {
  const found: number[] = []
  for (const [index, mark] of unpack(windows).entries()) {
    if (found.length >= most) break
    if (mark === wanted) found.push(index)
  }
  return found
}

export const concurrencyOf = ({ range, concurrency = range.concurrency }: BackfillState): number => concurrency

export const marksOf = ({ windows }: Pick<BackfillState, 'windows'>): Mark[] => unpack(windows)

const RUN = /(\d+)([wrcf])/g

const unpack = (windows: string): Mark[] =>
  [...windows.matchAll(RUN)].flatMap(([, count, mark]) => Array.from({ length: Number(count) }, () => mark as Mark))

function pack (marks: Mark[]): string {
  let packed = ''
  for (let start = 0, end; start < marks.length; start = end) {
    end = start + 1
    while (end < marks.length && marks[end] === marks[start]) end++
    packed += `${end - start}${marks[start]}`
  }
  return packed
}
