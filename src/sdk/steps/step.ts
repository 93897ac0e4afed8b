import { digest } from '../../base/event.ts'
import { doubling, retry, type Delays, type Retry } from '../../base/retry.ts'
import type { Artefact, GivenArtefact } from './artefact.ts'
import type { Progress } from './progress.ts'
import type { StepReport, StepReports } from './reports.ts'

export type StepOptions<T> = {
  /** How often its work is done at most, the first time included; 1 by default. */
  attempts?: number
  /** Milliseconds before each further try, the last one for all that follow; by default 1 s, doubled up to a minute. */
  backoff?: Delays
  /** Whether another try may mend an error; by default every error that does not call itself final. */
  mayPass?: Retry['mayPass']
  /** Ends the tries, beside the signal of the job. */
  signal?: AbortSignal
  /** Keeps the result for a later run of the same job, as `Step` says. */
  remember?: boolean
  /** Of a step that is remembered: what its result depends on beside the parameters, any JSON. */
  key?: unknown
  /** Whether a remembered result still holds, such as whether the file that it names is still there. */
  isStillGood?: (result: T) => boolean | Promise<boolean>
}

/** What the work of a step is given. */
export interface StepContext {
  /** 1 at the first try. */
  readonly attempt: number
  /** How far the step has come; the progress of the job is moved with it. */
  readonly progress: (progress: Progress) => void
  /** Counts something that the step has done, from 0 on at each try. */
  readonly count: (name: string, by?: number) => void
  /** Shows a table, a link or a text beside the job, as from this step. */
  readonly artefact: (artefact: Artefact) => void
}

/**
 * Runs a part of a process as a named step: when it began and ended, what it came to, its tries, counts and progress
 * are kept with the job and shown. Answers what `run` answers, and throws what its last try has thrown. Steps may run
 * at the same time, and inside of each other.
 *
 * With `remember` the result is kept in the datastore before the step is over: any JSON of at most 64 kB (of a larger
 * one keep a file in the store and answer its name). It is used instead of the work, and the step is told as `reused`,
 * when the **same job** runs again after that, because its worker died, its attempt failed or somebody has retried it,
 * with the **same parameters** (`params`), the same name of the step and the same `key`. Another event, a replay among
 * them, is another job and remembers nothing of this one. Where the parameter `force` is true, nothing is remembered or
 * reused: all is done anew. What a complete job has remembered is forgotten. A result that holds a secret, or is no
 * JSON, is not remembered.
 *
 * A worker that dies between the work and the keeping of its result has it done again: the second time must be
 * harmless.
 */
export interface Step {
  <T>(name: string, run: (step: StepContext) => T | Promise<T>, options?: StepOptions<T>): Promise<T>
}

export const MAX_RESULT_BYTES = 65_536
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
/** What PostgreSQL cannot keep, as JSON writes it. */
const UNFIT = /\\u(?:0000|d[89a-f])/
/** How often progress and counts are told at most. */
const EVERY_MS = 100

type Given = {
  reports: StepReports<GivenArtefact>
  params: unknown
  signal: AbortSignal
  log: (line: string) => void
  progress: (progress: Progress) => void
}

/** What a process is given to open steps and to show artefacts. */
export function createSteps (given: Given): { step: Step, artefact: (artefact: Artefact) => void } {
  return { step: runStep.bind(null, given) as Step, artefact: given.reports.artefact }
}

async function runStep<T> (
  given: Given,
  name: string,
  run: (step: StepContext) => T | Promise<T>,
  options: StepOptions<T> = {}
): Promise<T> {
  const { reports, log, params } = given
  const signal = options.signal === undefined ? given.signal : AbortSignal.any([given.signal, options.signal])
  signal.throwIfAborted()
  const place = reports.open()
  const isKept = options.remember === true && !isForced(params)
  const key = isKept ? digest(['step', name, params, options.key ?? null]) : undefined
  const known = key === undefined ? undefined : await reports.recall(key)
  if (known !== undefined && await options.isStillGood?.(known.value as T) !== false) {
    void reports.step({ place, name, state: 'reused', tries: 0 })
    return known.value as T
  }
  const told: StepReport = { place, name, state: 'running', tries: 0 }
  const { attempts = 1, backoff = doubling(FIRST_PAUSE_MS, LONGEST_PAUSE_MS), mayPass } = options
  const work = async (): Promise<T> => await run(begin(given, told))
  const line = (text: string): void => { log(text.startsWith(`${name}: `) ? text : `${name}: ${text}`) }
  const trying = { tries: attempts, delays: backoff, mayPass, signal, log: line }
  try {
    const { value, remember } = toRemember(await retry(work, trying), key, line)
    await reports.step({ ...told, state: 'complete', remember })
    return value
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    void reports.step({ ...told, state: signal.aborted ? 'interrupted' : 'failed', reason })
    throw error
  }
}

const isForced = (params: unknown): boolean =>
  typeof params === 'object' && params !== null && (params as { force?: unknown }).force === true

/** One try. */
function begin ({ reports, progress }: Given, told: StepReport): StepContext {
  const counts: Record<string, number> = {}
  Object.assign(told, { tries: told.tries + 1, counts, progress: undefined })
  void reports.step(told)
  let last = performance.now()
  const tell = (): void => {
    if (performance.now() - last < EVERY_MS) return
    last = performance.now()
    void reports.step(told)
  }
  return {
    attempt: told.tries,
    progress: (now) => {
      told.progress = now
      progress({ ...now, message: now.message ?? told.name })
      tell()
    },
    count: (name, by = 1) => {
      counts[name] = (counts[name] ?? 0) + by
      tell()
    },
    artefact: (artefact) => { reports.artefact({ ...artefact, step: told.name }) }
  }
}

/** The result as JSON has it, so that it is the same whether it was made or remembered; itself where it is not kept. */
function toRemember<T> (
  value: T,
  key: string | undefined,
  log: (line: string) => void
): { value: T, remember: StepReport['remember'] } {
  if (key === undefined) return { value, remember: undefined }
  try {
    const json = JSON.stringify(value ?? null)
    const bytes = Buffer.byteLength(json)
    if (UNFIT.test(json)) throw new Error('it holds U+0000 or a lone surrogate')
    if (bytes > MAX_RESULT_BYTES) throw new Error(`it has ${bytes} bytes, ${MAX_RESULT_BYTES} are the most`)
    const read = JSON.parse(json) as T
    return { value: read, remember: { key, value: read } }
  } catch (error) {
    log(`its result is not remembered: ${error instanceof Error ? error.message : String(error)}`)
    return { value, remember: undefined }
  }
}
