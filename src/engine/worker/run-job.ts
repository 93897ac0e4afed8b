import type { Logger } from 'pino'
import { formatDuration } from '../../base/duration.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerJob } from '../../queues/work.ts'
import type { Runner } from '../../runners/runner.ts'
import type { Kinds, LoadBlock } from '../../sdk/blocks/kind.ts'
import { createRedactor, hiding, type Redactor } from '../../sdk/blocks/redactor.ts'
import type { Inputs } from '../../sdk/inputs/inputs.ts'
import type { WrittenFile } from '../../sdk/store/recorded.ts'
import { documentOf } from '../dispatch/ending.ts'
import { withDefaults } from '../dispatch/plan.ts'
import { runOf } from '../dispatch/run.ts'
import type { Outcome } from '../dispatch/settling.ts'
import { hasSettled, readJobDocument } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import type { Work } from '../jobs/begin.ts'
import { keepFiles } from '../jobs/written-files.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import type { JobMetrics } from '../metrics.ts'
import { cancelledBecause } from '../record.ts'
import type { Verbs } from '../verbs.ts'
import { toContext } from './context.ts'
import { createJournal, type Journal } from './journal.ts'
import { noteSlowness, tooManyDeaths } from './losses.ts'
import type { Pauses } from './pauses.ts'
import { settlePersistently } from './settle.ts'
import { createStop, toFailure, type Stop, type Stopping, type WorkFailure } from './stop.ts'

/** How long a job of a process that is at its limit is put back, when other processes share its queue. */
const FULL_POSTPONE_MS = 250
/** The same for a process that is paused. */
const PAUSED_POSTPONE_MS = 2000
/** Long enough for the worker that shuts down to be gone. */
const HAND_BACK_MS = 100
/** The ledger does not answer. */
const AWAY_POSTPONE_MS = 1000

type Dependencies = {
  verbs: Pick<Verbs, 'begin' | 'settle' | 'noteFailedAttempt'>
  ledger: Pick<Ledger, 'get' | 'list' | 'commit'>
  now: () => number
  lookups: () => Lookups
  runnerOf: (definition: Definition) => Runner
  pauses: Pick<Pauses, 'has'>
  inputs: Inputs
  block: LoadBlock
  kinds: Kinds
  metrics: JobMetrics
  log: Logger
  defaultConcurrency: number
  /** Of this worker, as it is remembered with the attempts. */
  name: string
}

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
  /** Stops those whose document asks for it, or has ended otherwise: the message that told so may have been lost. */
  findCancelled: () => Promise<void>
}

type Running = Stopping & { job: string, round: number, process: string }

type State = Dependencies & { running: Set<Running>, handingBack: boolean }

/** Job → process: asks the ledger, runs it, times it out, cancels it, settles what came of it. */
export function createJobRunner (dependencies: Dependencies): JobRunner {
  const state: State = { ...dependencies, running: new Set(), handingBack: false }
  return {
    run: take.bind(null, state),
    stop: stop.bind(null, state),
    handBack: () => {
      state.handingBack = true
      for (const one of state.running) one.stop('shutdown')
    },
    findCancelled: findCancelled.bind(null, state)
  }
}

async function take (state: State, queued: WorkerJob): Promise<void> {
  if (state.handingBack) throw await queued.postpone(HAND_BACK_MS)
  const definition = state.lookups().processes.get(queued.name)
  if (state.pauses.has(queued.name)) throw await queued.postpone(PAUSED_POSTPONE_MS * (1 + Math.random()))
  if (definition !== undefined && isFull(state, definition)) {
    throw await queued.postpone(FULL_POSTPONE_MS * (1 + Math.random()))
  }
  const run = runOf(queued.id, queued.data)
  const running: Running = { ...createStop(definition?.timeoutMs), ...run, process: queued.name }
  const lost = (): void => { running.stop('lost') }
  state.running.add(running)
  queued.signal.addEventListener('abort', lost)
  try {
    const work = await orLater(state, queued, state.verbs.begin(run))
    if (work !== undefined) await workOn(state, queued, running, work, definition)
  } finally {
    queued.signal.removeEventListener('abort', lost)
    running.clear()
    state.running.delete(running)
  }
}

/** Only where processes share a queue: else the worker of the queue takes no more than there is room for. */
function isFull (
  { running, defaultConcurrency }: State,
  { name, concurrency = defaultConcurrency }: Definition
): boolean {
  return [...running].filter((one) => one.process === name).length >= concurrency
}

/** A ledger that does not answer costs no attempt. */
async function orLater<T> ({ log }: State, queued: WorkerJob, asked: Promise<T>): Promise<T> {
  return await asked.catch(async (error: unknown) => {
    log.warn({ err: error, job: queued.id }, 'the ledger does not answer: the job is put back')
    throw await queued.postpone(AWAY_POSTPONE_MS)
  })
}

async function workOn (
  state: State,
  queued: WorkerJob,
  running: Running,
  work: Work,
  definition: Definition | undefined
): Promise<void> {
  const started = state.now()
  const barred = await orLater(state, queued, whyNot(state, queued, work, definition))
  if (definition === undefined || barred !== undefined) {
    return await settle(state, queued, running, barred ?? gone(queued.name), { started, progress: undefined })
  }
  const redactor = createRedactor()
  const { ledger, log } = state
  const journal = createJournal({ ledger, queued, job: work.job.id, log, redactor })
  // What an attempt before this one had done is not done again yet.
  if (queued.progress !== undefined) journal.progress({ complete: 0 })
  const files = new Map<string, WrittenFile>()
  const done = await execute(state, queued, running, { work, definition, redactor, journal, files })
  const progress = await journal.flush()
  await recordFiles(state, running, files)
  const why = running.stopped()
  if ('final' in done && why === 'shutdown') {
    log.info({ process: running.process, job: running.job }, 'job handed back: the worker shuts down')
    throw await queued.postpone(HAND_BACK_MS)
  }
  if ('final' in done && why === 'lost') {
    await noteSlowness(ledger, running.job)
    throw new Error(done.reason)
  }
  if ('final' in done && !done.final && queued.attempt < queued.maxAttempts) {
    return await failAttempt(state, queued, running, done.reason, started)
  }
  await settle(state, queued, running, done, { started, progress })
}

const gone = (name: string): Outcome => ({
  state: 'failed',
  reason: `process ${name} is no longer in process_lookup.json`
})

/** What makes a job end that has not begun. */
async function whyNot (
  { ledger, now }: State,
  queued: WorkerJob,
  work: Work,
  definition: Definition | undefined
): Promise<Outcome | undefined> {
  if (definition === undefined) return gone(queued.name)
  const { expiresMs } = definition
  const queuedAt = documentOf(work).queuedAt ?? work.event.at
  if (expiresMs !== undefined && queued.attempt === 1 && now() - queuedAt >= expiresMs) {
    return { state: 'cancelled', reason: cancelledBecause(`it waited longer than ${formatDuration(expiresMs)}`) }
  }
  const [problem] = definition.check(withDefaults(work.with, definition))
  if (problem !== undefined) return { state: 'failed', reason: `${problem.field} ${problem.message}` }
  const deaths = await tooManyDeaths(ledger, queued, work.job.id, definition)
  return deaths === undefined ? undefined : { state: 'failed', reason: deaths }
}

type Execution = {
  work: Work
  definition: Definition
  redactor: Redactor
  journal: Journal
  files: Map<string, WrittenFile>
}

/** Never rejects: what is thrown is a failure of the work. */
async function execute (
  state: State,
  queued: WorkerJob,
  { signal, stopped }: Running,
  { work, definition, redactor, journal, files }: Execution
): Promise<Outcome | WorkFailure> {
  const { ledger, inputs, block, kinds, runnerOf } = state
  try {
    const wrote = (file: WrittenFile): void => {
      files.set(file.name, file)
    }
    const context = await toContext(queued, work, definition, { ledger, inputs, journal, signal })
    const { output, events = [] } = redactor.value(
      await runnerOf(definition).run({ ...context, wrote, block: hiding(block, redactor, kinds) })
    )
    return { state: 'complete', output: output ?? null, events }
  } catch (error) {
    return toFailure(error, stopped(), definition.timeoutMs ?? 0, redactor)
  }
}

type Told = { started: number, progress: unknown }

async function settle (
  state: State,
  queued: WorkerJob,
  running: Running,
  outcome: Outcome,
  { started, progress }: Told
): Promise<void> {
  const { verbs, log, now, name } = state
  const ended = now()
  const reason = outcome.state === 'complete' ? undefined : outcome.reason
  const attempt = { attempt: queued.attempt, started, ended, worker: name, reason }
  try {
    const isClosing = (): boolean => state.handingBack || running.stopped() === 'lost'
    const { dropped } = await settlePersistently({ verbs, log, isClosing }, running, outcome, { attempt, progress })
    if (dropped) {
      return log.info(
        { process: running.process, job: running.job },
        'a late result is dropped: the job has ended otherwise'
      )
    }
  } catch (error) {
    log.warn(
      { err: error, process: running.process, job: running.job },
      'the result of a job could not be written: it runs again'
    )
    throw await queued.postpone(HAND_BACK_MS)
  }
  tell(state, queued, running, outcome.state, reason, ended - started)
}

/** Another attempt follows. */
async function failAttempt (
  state: State,
  queued: WorkerJob,
  running: Running,
  reason: string,
  started: number
): Promise<never> {
  const { verbs, log, now, name } = state
  const ended = now()
  await verbs
    .noteFailedAttempt(running, { attempt: queued.attempt, started, ended, worker: name, reason })
    .catch((error: unknown) => {
      log.warn({ err: error, job: running.job }, 'a failed attempt is not kept')
    })
  tell(state, queued, running, 'failed', reason, ended - started)
  throw new Error(reason)
}

function tell (
  { metrics, log }: State,
  { attempt }: WorkerJob,
  { process: processName, job }: Running,
  outcome: string,
  reason: string | undefined,
  ms: number
): void {
  metrics.ended(processName, outcome, ms)
  const fields = { process: processName, job, attempt, ms: Math.round(ms) }
  if (reason === undefined) log.info(fields, `job ${outcome}`)
  else log.warn({ ...fields, reason }, `job ${outcome}`)
}

/** The files are there, whatever becomes of the list of them: it fails no job. */
async function recordFiles (
  { ledger, log }: State,
  { job, process: processName }: Running,
  files: Map<string, WrittenFile>
): Promise<void> {
  if (files.size === 0) return
  await keepFiles(ledger, job, [...files.values()]).catch((error: unknown) => {
    log.warn(
      { err: error, job, process: processName, files: files.size },
      'the list of the files of a job is not kept'
    )
  })
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
    if (hasSettled(document) || document.round !== one.round) one.stop('lost')
    else if (document.stop === true) one.stop('cancelled')
  }
}
