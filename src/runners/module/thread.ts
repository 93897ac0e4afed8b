import type { MessagePort } from 'node:worker_threads'
import type { Kinds } from '../../sdk/blocks/kind.ts'
import { createRedactor, hiding } from '../../sdk/blocks/redactor.ts'
import { type InputsOptions, createInputs } from '../../sdk/inputs/inputs.ts'
import type { ProcessContext, Progress } from '../../sdk/process.ts'
import { maskedReports } from '../../sdk/steps/reports.ts'
import { createSteps } from '../../sdk/steps/step.ts'
import { type OpenStore, type StoreSettings, openConfiguredStore } from '../../sdk/store/open.ts'
import { type WrittenFile, recorded } from '../../sdk/store/recorded.ts'
import { type Failure, toFailure } from '../failure.ts'
import { createJobLog } from '../job-log.ts'
import { createCall } from '../call.ts'
import { type BuiltIns, type ModuleAddress, loadModule } from './module-file.ts'
import { readOutcome } from '../outcome.ts'
import { createProgress } from '../progress.ts'
import { type Answer, type Question, type Told, createQuestions } from './questions.ts'

/** From what a thread builds `store` and `inputs` for itself: they hold connections, which do not cross threads. */
export type ThreadContext = { store: StoreSettings, inputs: Omit<InputsOptions, 'dispatcher' | 'lookup'> }

/** What of a job is plain data. */
export type PlainContext = Pick<
  ProcessContext,
  'event' | 'params' | 'processName' | 'jobId' | 'attempt' | 'absorbed' | 'absorbedCount' | 'joined' | 'traceparent'
>

/** One job as it crosses to a thread: everything plain, and the port for what happens meanwhile. */
export type ThreadTask = {
  port: MessagePort
  address: ModuleAddress
  lookupsFolder: string
  maxOutputBytes: number
  context: ThreadContext
  job: PlainContext
}

export type ToThread = { abort: string } | Answer
export type FromThread =
  { started: true } | { log: string } | { progress: Progress } | { file: WrittenFile } | Told | Question
/** The outcome goes as JSON text: checked, bounded and serialised off the main thread. */
export type ThreadResult = { outcome: string } | { failure: Failure }

/** What the entry of the thread (`createThreads({ entry })`) knows and hands in: it does not cross threads. */
export type ThreadKnows = { builtIns: BuiltIns, kinds: Kinds }

/** Runs one job in a thread. It closes the port last, so that the other side knows that it has seen every line. */
export const runInThread = async (
  { port, address, lookupsFolder, maxOutputBytes, context, job }: ThreadTask,
  { builtIns, kinds }: ThreadKnows
): Promise<ThreadResult> => {
  const send = (message: FromThread): void => port.postMessage(message)
  const redactor = createRedactor()
  const jobLog = createJobLog((line) => send({ log: line }))
  // Before a line is cut: of a secret across the cut the first half would be left.
  const log = (line: string): void => jobLog(redactor.text(line))
  const progress = createProgress((latest) => send({ progress: redactor.value(latest) }))
  const abort = new AbortController()
  const questions = createQuestions(send, abort.signal)
  port.on('message', (message: ToThread) => {
    if ('abort' in message) abort.abort(new Error(message.abort))
    else questions.answered(message)
  })
  let store: OpenStore | undefined
  send({ started: true })
  try {
    const run = await loadModule(address, lookupsFolder, builtIns)
    const block = hiding(questions.block, redactor, kinds)
    store = await openConfiguredStore(context.store, block, job.jobId)
    const inputs = createInputs(context.inputs)
    const { allAbsorbed, steps } = questions
    const given = { ...job, allAbsorbed, signal: abort.signal, log, progress: progress.report, inputs, block }
    const returned = await run({
      ...given,
      ...createSteps({ ...given, reports: maskedReports(steps, redactor) }),
      store: recorded(store, (file) => send({ file }), redactor),
      call: createCall({ ...given, steps })
    })
    return { outcome: JSON.stringify(redactor.value(readOutcome(returned, { maxOutputBytes }))) }
  } catch (thrown) {
    const failure = redactor.value(toFailure(thrown, redactor.text))
    if (failure.stack !== undefined && !failure.final) log(failure.stack)
    return { failure }
  } finally {
    progress.flush()
    store?.close()
    port.close()
  }
}
