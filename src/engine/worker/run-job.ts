import { formatDuration } from '../../base/duration.ts'
import { AttemptFailed, Postponed, type WorkerJob } from '../../queues/work.ts'
import { createRedactor } from '../../sdk/blocks/redactor.ts'
import type { WrittenFile } from '../../sdk/store/recorded.ts'
import { documentOf } from '../dispatch/ending.ts'
import { withDefaults } from '../dispatch/plan.ts'
import { runOf, type RunData } from '../dispatch/run.ts'
import type { Outcome } from '../dispatch/settling.ts'
import { hasSettled, readJobDocument } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import type { Work } from '../jobs/begin.ts'
import type { Definition } from '../lookups/lookups.ts'
import { cancelledBecause } from '../record.ts'
import { HAND_BACK_MS, failAttempt, recordFiles, settle } from './end-job.ts'
import { execute } from './execute.ts'
import { createJournal } from './journal.ts'
import { isSuspect, mayBegin, noteSlowness, whyGivenUp } from './losses.ts'
import type { Dependencies, Running, State } from './state.ts'
import { createStepRecord } from './step-record.ts'
import { createStop, type Stop } from './stop.ts'
import { passing, traceRun, waitsOf } from './traces.ts'
import { mayTakeOver, sayFree } from './take-over.ts'

/** How long a job of a process that is at its limit is put back, when other processes share its queue. */
const FULL_POSTPONE_MS = 250
/** The same for a process that is paused. */
const PAUSED_POSTPONE_MS = 2000
/** Somebody else may still work on it. */
const HELD_POSTPONE_MS = 1000
/** It might be blamed for the death that another one brings. */
const BESIDE_POSTPONE_MS = 500
/** The ledger does not answer, or something else beside the work has failed. */
const AWAY_POSTPONE_MS = 1000

export interface JobRunner {
  /**
   * Takes a job up: drops it, puts it back, or works on it and settles it. Throws where an attempt
   * has failed and another follows.
   */
  run: (job: WorkerJob) => Promise<void>
  /** Tells a job that runs here to stop; false where it does not run here. */
  stop: (jobId: string, why: Stop) => boolean
  /** Puts all jobs that run here back into their queues, and every one that comes from now on. */
  handBack: () => void
  /** Somebody wants to begin a job: says so where it does not run here. */
  answer: (run: RunData) => Promise<void>
  /** What runs here. */
  running: () => Array<Pick<Running, 'process' | 'job' | 'since'>>
  /** Stops those whose document asks for it, or has ended otherwise: the message that told so may have been lost. */
  findCancelled: () => Promise<void>
}

/** Job → process: asks the ledger, runs it, times it out, cancels it, settles what came of it. */
export function createJobRunner (dependencies: Dependencies): JobRunner {
  const state: State = { ...dependencies, running: new Set(), taking: new Set(), handingBack: false }
  return {
    run: take.bind(null, state),
    stop: stop.bind(null, state),
    running: () => [...state.running].map(toRunning),
    handBack: () => {
      state.handingBack = true
      for (const one of state.running) one.stop('shutdown')
    },
    answer: async (run) => {
      if (!isHere(state, run)) await sayFree({ ...state, ...state.others }, run)
    },
    findCancelled: findCancelled.bind(null, state)
  }
}

const toRunning = ({ process: processName, job, since }: Running): ReturnType<JobRunner['running']>[number] =>
  ({ process: processName, job, since })

async function take (state: State, queued: WorkerJob): Promise<void> {
  if (state.handingBack) throw await queued.postpone(HAND_BACK_MS)
  const definition = state.lookups().processes.get(queued.name)
  if (state.pauses.has(queued.name)) throw await queued.postpone(PAUSED_POSTPONE_MS * (1 + Math.random()))
  if (definition !== undefined && isFull(state, definition)) {
    throw await queued.postpone(FULL_POSTPONE_MS * (1 + Math.random()))
  }
  const run = runOf(queued.id, queued.data)
  if (isHere(state, run)) throw await queued.postpone(HELD_POSTPONE_MS)
  const { stalled } = queued
  if (stalled > 0 && !mayBegin(queued, definition, [...state.running, ...state.taking])) {
    throw await queued.postpone(BESIDE_POSTPONE_MS * (1 + Math.random()))
  }
  if (stalled > 0 && await isHeld(state, queued, run)) throw await queued.postpone(HELD_POSTPONE_MS)
  const stopping = createStop(definition?.timeoutMs)
  const running: Running = { ...stopping, ...run, process: queued.name, stalled, since: state.now() }
  // It works on: nobody else begins the job as long as it lives.
  const late = (): void => { noteSlowness(state.ledger, run.job).catch(() => {}) }
  state.running.add(running)
  state.taking.delete(queued)
  queued.signal.addEventListener('abort', late)
  try {
    const work = await state.verbs.begin(run)
    Object.assign(running, { taken: work?.taken, begun: work })
    if (work !== undefined) await workOn(state, queued, running, work, definition)
  } catch (error) {
    if (error instanceof AttemptFailed || error instanceof Postponed) throw error
    // Not the work has failed, but something beside it, such as the ledger: no attempt is counted.
    throw await putBack(state, queued, error)
  } finally {
    queued.signal.removeEventListener('abort', late)
    running.clear()
    state.running.delete(running)
  }
}

/** Whether somebody, here or elsewhere, may still work on a job that was handed out again. */
async function isHeld (state: State, queued: WorkerJob, run: RunData): Promise<boolean> {
  state.taking.add(queued)
  let held = true
  try {
    held = !await mayTakeOver({ ...state, ...state.others }, run, queued.queue, queued.stalled) || isHere(state, run)
  } catch (error) {
    throw await putBack(state, queued, error)
  } finally {
    if (held) state.taking.delete(queued)
  }
  return held
}

function isHere ({ running }: State, { job, round }: RunData): boolean {
  for (const one of running) if (one.job === job && one.round === round) return true
  return false
}

/** Only where processes share a queue: else the worker of the queue takes no more than there is room for. */
function isFull (
  { running, defaultConcurrency }: State,
  { name, concurrency = defaultConcurrency }: Definition
): boolean {
  let room = concurrency
  for (const one of running) if (one.process === name) room--
  return room <= 0
}

async function putBack ({ log }: State, queued: WorkerJob, error: unknown): Promise<Postponed> {
  log.warn({ err: error, job: queued.id }, 'a job could not be worked on: it is put back')
  return await queued.postpone(AWAY_POSTPONE_MS)
}

async function workOn (
  state: State,
  queued: WorkerJob,
  running: Running,
  work: Work,
  definition: Definition | undefined
): Promise<void> {
  const started = state.now()
  const { gateMs, queueMs } = waitsOf(work, started)
  const [isFirst, isTakenOver] = [queued.attempt === 1, queued.stalled > 0]
  state.metrics.began(running.process, { gateMs, queueMs, isFirst, isTakenOver })
  const trace = state.tracer.isOn ? await traceRun(state, queued, work, started) : passing(work.event.trace)
  running.trace = trace
  let barred = whyNot(state, queued, work, definition)
  if (barred === undefined && isSuspect(work, definition)) barred = await whyGivenUp(state.ledger, work)
  if (definition === undefined || barred !== undefined) {
    await settle(state, queued, running, barred ?? gone(queued.name), { started, progress: undefined })
    return
  }
  const redactor = createRedactor()
  const { ledger, log } = state
  const journal = createJournal({ ledger, queued, job: work.job.id, log, redactor })
  // What an attempt before this one had done is not done again yet.
  if (queued.progress !== undefined) journal.progress({ complete: 0 })
  const files = new Map<string, WrittenFile>()
  const { job, round, taken } = work
  const owner = { round, taken, attempt: queued.attempt, started }
  const steps = createStepRecord({
    ledger, job: job.id, run: owner, now: state.now, log, redactor, onStep: trace.named
  })
  const done = await execute(state, queued, running, { work, definition, redactor, journal, steps, files, trace })
  const unwritten = [journal.flush(), steps.flush(), recordFiles(state, running, files)]
  if (unwritten.some((one) => one !== undefined)) await Promise.all(unwritten)
  const progress = journal.last()
  const why = running.stopped()
  if ('final' in done && why === 'shutdown') {
    log.info({ process: running.process, job: running.job }, 'job handed back: the worker shuts down')
    trace.end('handed back', undefined, undefined)
    throw await queued.postpone(HAND_BACK_MS)
  }
  if ('final' in done && why === 'lost') {
    trace.end('lost', undefined, undefined)
    throw new AttemptFailed(done.reason)
  }
  if ('final' in done && !done.final && queued.attempt < queued.maxAttempts) {
    return await failAttempt(state, queued, running, done.reason, started)
  }
  const isSettled = await settle(state, queued, running, done, { started, progress })
  if (isSettled && done.state === 'complete') await steps.forget()
}

const gone = (name: string): Outcome => ({
  state: 'failed',
  reason: `process ${name} is no longer in process_lookup.json`
})

/** What makes a job end that has not begun. */
function whyNot (
  { now }: State,
  queued: WorkerJob,
  work: Work,
  definition: Definition | undefined
): Outcome | undefined {
  if (definition === undefined) return gone(queued.name)
  const { expiresMs } = definition
  const queuedAt = documentOf(work).queuedAt ?? work.event.at
  if (expiresMs !== undefined && queued.attempt === 1 && now() - queuedAt >= expiresMs) {
    return { state: 'cancelled', reason: cancelledBecause(`it waited longer than ${formatDuration(expiresMs)}`) }
  }
  const [problem] = definition.check(withDefaults(work.with, definition))
  return problem === undefined ? undefined : { state: 'failed', reason: `${problem.field} ${problem.message}` }
}

function stop ({ running }: State, jobId: string, why: Stop): boolean {
  const found = [...running].filter(({ job }) => job === jobId)
  for (const one of found) one.stop(why)
  return found.length > 0
}

async function findCancelled ({ ledger, running }: State): Promise<void> {
  const all = [...running]
  if (all.length === 0) return
  const found = await ledger.get(all.map(({ job }) => jobDoc(job)))
  for (const [i, one] of all.entries()) {
    const document = readJobDocument(found[i])?.value
    if (document === undefined) continue
    const isAnothers = document.round !== one.round || (one.taken !== undefined && one.taken !== (document.taken ?? 0))
    if (hasSettled(document) || isAnothers) one.stop('lost')
    else if (document.stop === true) one.stop('cancelled')
  }
}
