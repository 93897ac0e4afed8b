import { basename } from 'node:path'
import { type Static, Type } from 'typebox'
import { timerMs } from '../../base/deadline.ts'
import type { ProcessFunction, ProcessOutcome } from '../../sdk/process.ts'
import { type StoreSettings, openConfiguredStore } from '../../sdk/store/open.ts'
import { recorded } from '../../sdk/store/recorded.ts'
import { createSteps } from '../../sdk/steps/step.ts'
import { StillRuns, fromFailure, stopReason, toFailure } from '../failure.ts'
import { type BuiltIns, loadModule, type ModuleAddress } from './module-file.ts'
import { createCall } from '../call.ts'
import type { Kinds } from '../../sdk/blocks/kind.ts'
import { readOutcome } from '../outcome.ts'
import { masked } from '../masked.ts'
import type { Runner } from '../runner.ts'
import type { Strays } from './strays.ts'
import type { Threads } from './threads.ts'

export const ModuleRunSchema = Type.Object(
  {
    module: Type.String({
      minLength: 1,
      description:
        'A built-in process by its name, or a TypeScript or JavaScript file: ./… and ../… are relative to the ' +
        'lookups folder'
    }),
    export: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The function that the file exports; without it "run", or else the default export'
      })
    ),
    thread: Type.Optional(
      Type.Boolean({
        default: true,
        description:
          'false runs it in the event loop of the worker: for short work that mostly waits, as it cannot be ' +
          'ended by force'
      })
    )
  },
  {
    additionalProperties: false,
    description:
      'A function of a TypeScript or JavaScript module. A file is loaded once per thread: a change of it needs a ' +
      'restart'
  }
)

export type ModuleRun = Static<typeof ModuleRunSchema>

export type ModuleRunnerOptions = {
  /** Relative files are found from here. */
  lookupsFolder: string
  /** Milliseconds between the abort of the signal and the end by force. */
  graceMs: number
  maxOutputBytes: number
  builtIns: BuiltIns
  /** Kinds and store of a module that runs in the event loop; the threads know theirs. */
  kinds: Kinds
  store: StoreSettings
  /** Takes what a module in the event loop throws where nobody waits. */
  strays: Strays
  /** Shared by all module processes; the one who created them closes them. */
  threads: Threads
}

export const createModuleRunner = (entry: ModuleRun, { threads, ...options }: ModuleRunnerOptions): Runner => ({
  run: entry.thread === false
    ? createInline(entry, options)
    : async context => await threads.run(context, { address: addressOf(entry), ...options }),
  close: async () => {}
})

/**
 * What is wrong with the module of an entry, or undefined. It loads the file, so what stands at its top level runs.
 */
export const checkModule = async (
  entry: ModuleRun,
  lookupsFolder: string,
  builtIns: BuiltIns
): Promise<string | undefined> => {
  try {
    await loadModule(addressOf(entry), lookupsFolder, builtIns)
    return undefined
  } catch (thrown) {
    return toFailure(thrown).message
  }
}

const addressOf = ({ module, export: name }: ModuleRun): ModuleAddress => ({ module, export: name })

const createInline = (
  entry: ModuleRun,
  {
    lookupsFolder,
    graceMs,
    maxOutputBytes,
    builtIns,
    kinds,
    strays,
    store: storeSettings
  }: Omit<ModuleRunnerOptions, 'threads'>
) => {
  let loaded: ProcessFunction | undefined
  return masked(async ({ redactor, ...context }): Promise<ProcessOutcome> => {
    const { signal, log } = context
    if (signal.aborted) throw new Error(stopReason(signal))
    const work = async (): Promise<ProcessOutcome> => {
      loaded ??= await loadModule(addressOf(entry), lookupsFolder, builtIns)
      const { wrote, reports, steps, ...given } = context
      const store = await openConfiguredStore(storeSettings, context.block, context.jobId)
      try {
        const returned = await loaded({
          ...given,
          ...createSteps({ ...given, reports }),
          store: recorded(store, wrote, redactor),
          call: createCall({ ...given, steps })
        })
        return readOutcome(returned, { maxOutputBytes })
      } finally {
        store.close()
      }
    }
    const job = { process: context.processName, job: context.jobId, file: basename(entry.module) }
    try {
      return await withinGrace(signal, graceMs, () => strays.run(job, work))
    } catch (thrown) {
      if (thrown instanceof StillRuns) throw thrown
      const failure = toFailure(thrown, redactor.text)
      if (failure.stack !== undefined && !failure.final) log(failure.stack)
      throw fromFailure(failure)
    }
  }, kinds)
}

/** Rejects when work that shares our event loop has not ended `graceMs` after it was told to: nothing can end it. */
const withinGrace = async <T>(signal: AbortSignal, graceMs: number, work: () => Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  let start = (): void => {}
  try {
    return await new Promise<T>((resolve, reject) => {
      start = () => { timer = setTimeout(() => { reject(stillRuns(signal, graceMs)) }, timerMs(graceMs)) }
      signal.addEventListener('abort', start)
      work().then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', start)
  }
}

const stillRuns = (signal: AbortSignal, graceMs: number): StillRuns => {
  const error = new StillRuns(`${stopReason(signal)}; it did not stop within ${graceMs} ms and still runs: with "thread": true it could be ended`)
  delete error.stack
  return error
}
