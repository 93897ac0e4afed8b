import { AttemptFailed, type WorkerJob } from '../../queues/work.ts'
import type { WrittenFile } from '../../sdk/store/recorded.ts'
import type { Outcome } from '../dispatch/settling.ts'
import { keepFiles } from '../jobs/written-files.ts'
import { settlePersistently } from './settle.ts'
import type { Running, State } from './state.ts'

/** Long enough for the worker that shuts down to be gone. */
export const HAND_BACK_MS = 100

type Told = { started: number, progress: unknown }

/** Writes what came of a job; puts it back where that cannot be written. Answers whether it counts. */
export async function settle (
  state: State,
  queued: WorkerJob,
  running: Running,
  outcome: Outcome,
  { started, progress }: Told
): Promise<boolean> {
  const { verbs, log, now, name } = state
  const ended = now()
  const reason = outcome.state === 'complete' ? undefined : outcome.reason
  const attempt = { attempt: queued.attempt, started, ended, worker: name, reason }
  try {
    const isClosing = (): boolean => state.handingBack || running.stopped() === 'lost'
    const report = { attempt, progress, traceOf: running.trace?.traceOf }
    const settled = await settlePersistently({ verbs, log, isClosing }, running, outcome, report, running.begun)
    running.trace?.end(outcome.state, reason, settled)
    if (settled.dropped) {
      log.info(
        { process: running.process, job: running.job },
        'a late result is dropped: the job has ended otherwise'
      )
      return false
    }
  } catch (error) {
    log.warn(
      { err: error, process: running.process, job: running.job },
      'the result of a job could not be written: it runs again'
    )
    throw await queued.postpone(HAND_BACK_MS)
  }
  tell(state, queued, running, outcome.state, reason, ended - started)
  return true
}

/** Another attempt follows. */
export async function failAttempt (
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
  running.trace?.end('failed', reason, undefined)
  tell(state, queued, running, 'failed', reason, ended - started)
  throw new AttemptFailed(reason)
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
export function recordFiles (
  { ledger, log }: State,
  { job, process: processName }: Running,
  files: Map<string, WrittenFile>
): Promise<void> | undefined {
  if (files.size === 0) return undefined
  return keepFiles(ledger, job, [...files.values()]).catch((error: unknown) => {
    log.warn(
      { err: error, job, process: processName, files: files.size },
      'the list of the files of a job is not kept'
    )
  })
}
