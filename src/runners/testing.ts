import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { DispatchEvent, FollowOn } from '../base/event.ts'
import type { Inputs } from '../sdk/inputs/inputs.ts'
import type { ProcessContext, Progress, Trigger } from '../sdk/process.ts'
import { createRedactor } from '../sdk/masking/redactor.ts'
import type { KeptArtefact } from '../sdk/steps/artefact.ts'
import { maskedReports, type StepReports } from '../sdk/steps/reports.ts'
import { createSteps } from '../sdk/steps/step.ts'
import { tellInMemory, type ToldStep } from '../sdk/steps/told.ts'
import type { Store, StoredFile } from '../sdk/store/store.ts'
import { createCall } from './call.ts'
import { loadModule } from './module/module-file.ts'

/** What a process is given in its test, beside what its file is. What it does not use need not be given. */
export type TestGiven = {
  event?: Partial<DispatchEvent>
  /** Over the data of the event. */
  params?: Record<string, unknown>
  /** Files that are in the store already, by name. */
  files?: ReadonlyMap<string, Uint8Array | string>
  /** Answers `block(kind, name)`: the fields of the block of that name. */
  blocks?: Readonly<Record<string, object>>
  inputs?: Inputs
  signal?: AbortSignal
  attempt?: number
  absorbed?: Trigger[]
  /** Of a join: the last event of each type. */
  joined?: Record<string, DispatchEvent>
  /** What steps remember: a map that is given to a second run has it go on after its last finished step. */
  remembered?: Map<string, unknown>
  /** Which export, where it is neither `run` nor the default. */
  export?: string
}

export type TestOutcome<Output> = {
  output: Output
  events: FollowOn[]
  /** The store afterwards. */
  files: Map<string, Buffer>
  log: string[]
  progress: Progress[]
  steps: ToldStep[]
  artefacts: KeptArtefact[]
}

/** Runs the process of a TypeScript or JavaScript file once, with a store in memory. What it throws is thrown. */
export async function runProcess<Output = unknown> (file: string, given: TestGiven = {}): Promise<TestOutcome<Output>> {
  const run = await loadModule(
    { module: resolve(file), ...(given.export === undefined ? {} : { export: given.export }) },
    '.',
    new Map()
  )
  const files = new Map([...given.files ?? []].map(([name, content]) => [name, Buffer.from(content)]))
  const log: string[] = []
  const progress: Progress[] = []
  const { reports, steps, artefacts } = tellInMemory(given.remembered)
  const { output, events = [] } = await run(contextOf(given, { files, log, progress, reports }))
  return { output: output as Output, events, files, log, progress, steps: steps(), artefacts }
}

type Told = { files: Map<string, Buffer>, log: string[], progress: Progress[], reports: StepReports }

function contextOf (given: TestGiven, { files, log, progress, reports }: Told): ProcessContext {
  const { absorbed = [], joined = {} } = given
  const event: DispatchEvent = { id: 'test', source: '/test', type: 'test', ...given.event }
  const data = typeof event.data === 'object' && event.data !== null ? event.data as Record<string, unknown> : {}
  const context: Omit<ProcessContext, 'call' | 'store' | 'step' | 'artefact'> = {
    event,
    params: { ...data, ...given.params },
    processName: 'test',
    jobId: 'test.test',
    attempt: given.attempt ?? 1,
    absorbed,
    absorbedCount: absorbed.length,
    allAbsorbed: async function * () { yield absorbed },
    joined,
    signal: given.signal ?? new AbortController().signal,
    log: (line) => { log.push(line) },
    progress: (told) => { progress.push(told) },
    inputs: given.inputs ?? notGiven('inputs'),
    block: (async (_kind: unknown, name: unknown) => blockOf(given, name)) as ProcessContext['block']
  }
  return {
    ...context,
    ...createSteps({ ...context, reports: maskedReports(reports, createRedactor()) }),
    store: memoryStore(files),
    call: createCall({ ...context, steps: reports })
  }
}

function blockOf ({ blocks = {} }: TestGiven, name: unknown): object {
  const found = typeof name === 'string' && Object.hasOwn(blocks, name) ? blocks[name] : undefined
  if (found === undefined) throw new Error(`the test gives no block ${JSON.stringify(name)}`)
  return found
}

function notGiven (what: string): Inputs {
  const fail = (): never => { throw new Error(`the test gives no ${what}`) }
  return new Proxy({}, { get: fail }) as Inputs
}

function memoryStore (files: Map<string, Buffer>): Store {
  const modified = new Date(0).toISOString()
  const told = (name: string, { length }: Buffer): StoredFile => ({ name, size: length, modified })
  const below = (folder: string): string[] =>
    [...files.keys()].filter((name) => folder === '' || name.startsWith(`${folder}/`)).sort()
  return {
    write: async (name, source, signal) => {
      const chunks: Buffer[] = []
      for await (const chunk of source) {
        signal?.throwIfAborted()
        chunks.push(Buffer.from(chunk))
      }
      const whole = Buffer.concat(chunks)
      files.set(name, whole)
      return whole.length
    },
    read: (name) => {
      const found = files.get(name)
      if (found !== undefined) return Readable.from([found])
      return Readable.from(rejecting(Object.assign(new Error(`there is no file ${name}`), { code: 'ENOENT' })))
    },
    list: async (folder) => below(folder)
      .map((name) => name.slice(folder === '' ? 0 : folder.length + 1))
      .filter((name) => !name.includes('/')),
    walk: async function * (folder) {
      for (const name of below(folder)) yield told(name, files.get(name) as Buffer)
    },
    stat: async (name) => {
      const found = files.get(name)
      return found === undefined ? undefined : told(name, found)
    },
    remove: async (name) => { files.delete(name) },
    url: (name) => `memory:${name}`
  }
}

async function * rejecting (error: Error): AsyncGenerator<Uint8Array> {
  throw error
}
