import { isDeepStrictEqual } from 'node:util'
import { uuidv7 } from 'uuidv7'
import { errors } from '../../base/errors.ts'
import type { BackfillPlan, BackfillView, BackfillWindow } from '../../schemas/backfills.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import { toActs, withAct } from '../documents/acts.ts'
import { readPages } from '../documents/paging.ts'
import { windowEvent } from './event.ts'
import { countWindows, readBackfill, windowAt, type BackfillRange } from './range.ts'
import {
  BACKFILLS_SET, concurrencyOf, countsOf, indexesOf, newState, statusOf, tryOf, withRetry, type BackfillState
} from './state.ts'
import { cancelled, paused, resumed, withConcurrency } from './steering.ts'
import { changeState, readStates, writeNew, type BackfillStore } from './store.ts'
import { windowsOf, type WindowsOptions } from './windows.ts'

const MAX_FAILED = 1000

export interface Backfills {
  /** `known`: the same id and body were there already. */
  start: (body: unknown, by?: string) => Promise<{ backfill: BackfillView, known: boolean }>
  get: (id: string) => Promise<BackfillView>
  /** What would be started, without a trace. */
  plan: (body: unknown) => Promise<BackfillPlan>
  windows: (id: string, options: WindowsOptions) => Promise<{ items: BackfillWindow[], next: string | null }>
  /** Submits no windows until it is resumed; those that run go on. */
  pause: (id: string, by?: string) => Promise<BackfillView>
  resume: (id: string, by?: string) => Promise<BackfillView>
  /** From now on, whatever it was started with. */
  setConcurrency: (id: string, concurrency: number, by?: string) => Promise<BackfillView>
  list: (limit: number, cursor?: string) => Promise<{ items: BackfillView[], next: string | null }>
  /** Submits no more windows; those that run go on. */
  cancel: (id: string, by?: string) => Promise<BackfillView>
  /** Runs the failed windows again, as new events; a cancelled backfill goes on, too. */
  retry: (id: string, by?: string) => Promise<BackfillView>
}

export type BackfillDependencies = { ledger: BackfillStore, now: () => number, dispatch: Pick<Dispatch, 'plan'> }

export function createBackfills (dependencies: BackfillDependencies): Backfills {
  const { ledger } = dependencies
  return {
    start: start.bind(null, dependencies),
    get: async (id) => toView(id, await read(ledger, id)),
    plan: plan.bind(null, dependencies),
    windows: async (id, options) => windowsOf(id, await read(ledger, id), options),
    pause: (id, by) => change(dependencies, id, paused, { act: 'pause', by }),
    resume: (id, by) => change(dependencies, id, resumed, { act: 'resume', by }),
    setConcurrency: (id, concurrency, by) =>
      change(dependencies, id, withConcurrency(concurrency), { act: `concurrency ${concurrency}`, by }),
    list: list.bind(null, ledger),
    cancel: (id, by) => change(dependencies, id, cancelled, { act: 'cancel', by }),
    retry: retry.bind(null, dependencies)
  }
}

async function start (
  { ledger, now, dispatch }: BackfillDependencies,
  body: unknown,
  by?: string
): Promise<{ backfill: BackfillView, known: boolean }> {
  const { id = uuidv7(), range } = readBackfill(body)
  check(dispatch, id, range)
  const { state, isMine } = await writeNew(ledger, id, acted(newState(range, now()), 'start', by, now()))
  if (state === undefined) throw errors.backfillNotFound(id)
  if (!isDeepStrictEqual(state.range, range)) throw errors.backfillExists(id)
  return { backfill: toView(id, state), known: !isMine }
}

async function plan ({ ledger, dispatch }: BackfillDependencies, body: unknown): Promise<BackfillPlan> {
  const { id = uuidv7(), range } = readBackfill(body)
  const processes = check(dispatch, id, range)
  const windows = countWindows(range)
  const [known] = await readStates(ledger, [id])
  if (known !== undefined && !isDeepStrictEqual(known.value.range, range)) throw errors.backfillExists(id)
  return {
    dry_run: true,
    type: range.type,
    windows,
    first: windowAt(range, 0),
    last: windowAt(range, windows - 1),
    concurrency: range.concurrency,
    known: known !== undefined,
    processes
  }
}

/** What would refuse every window refuses the whole. Answers what each starts. */
function check (dispatch: Pick<Dispatch, 'plan'>, id: string, range: BackfillRange): string[] {
  const { type, listed, jobs } = dispatch.plan(windowEvent(id, range, 0, 1))
  if (!listed) throw errors.unknownEventType(type)
  for (const { process: processName, problems: [problem] } of jobs) {
    if (problem !== undefined) {
      throw errors.invalidBackfill(problem.field, `${problem.message} (needed by ${processName})`)
    }
  }
  return jobs.map((job) => job.process)
}

async function read (ledger: BackfillStore, id: string): Promise<BackfillState> {
  const [found] = await readStates(ledger, [id])
  if (found === undefined) throw errors.backfillNotFound(id)
  return found.value
}

async function list (
  ledger: BackfillStore,
  limit: number,
  cursor?: string
): Promise<{ items: BackfillView[], next: string | null }> {
  return await readPages(ledger, BACKFILLS_SET, { limit, cursor }, async (members) => {
    const states = await readStates(
      ledger,
      members.map(([, id]) => id)
    )
    return members.map(([, id], i) => {
      const state = states[i]?.value
      return state === undefined ? undefined : withoutFailed(toView(id, state))
    })
  })
}

async function change (
  { ledger, now }: BackfillDependencies,
  id: string,
  next: (state: BackfillState) => BackfillState,
  { act, by }: { act: string, by: string | undefined }
): Promise<BackfillView> {
  const state = await changeState(ledger, id, (found) => {
    const after = next(found)
    return after === found ? found : acted({ ...after, changed: now() }, act, by, now())
  })
  if (state === undefined) throw errors.backfillNotFound(id)
  return toView(id, state)
}

async function retry ({ ledger, now }: BackfillDependencies, id: string, by?: string): Promise<BackfillView> {
  const state = await read(ledger, id)
  if (countsOf(state).failed === 0 && statusOf(state) !== 'cancelled') throw errors.nothingToRetry(id)
  const retried = await changeState(ledger, id, (found) => {
    const next = withRetry(found, state.run + 1, now())
    return next === found ? found : acted(next, 'retry', by, now())
  })
  if (retried === undefined) throw errors.backfillNotFound(id)
  return toView(id, retried)
}

function acted (state: BackfillState, act: string, by: string | undefined, at: number): BackfillState {
  return by === undefined ? state : { ...state, acts: withAct(state.acts, { act, by, at }) }
}

const withoutFailed = ({ failed: _failed, marks: _marks, ...shown }: BackfillView): BackfillView => shown

function toView (id: string, state: BackfillState): BackfillView {
  const { range, created, ended, run, reasons } = state
  return {
    id,
    type: range.type,
    subject: range.subject ?? null,
    begin: range.begin,
    end: range.end,
    every: range.every,
    concurrency: concurrencyOf(state),
    status: statusOf(state),
    windows: countsOf(state),
    marks: state.windows,
    failed: indexesOf(state, 'f', MAX_FAILED).map((index) => ({
      ...windowAt(range, index),
      event: windowEvent(id, range, index, tryOf(state, index)).key,
      reason: reasons[index] ?? 'see its event'
    })),
    created,
    ended,
    tries: run,
    acts: toActs(state.acts)
  }
}
