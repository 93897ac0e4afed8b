import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { Type, type Static } from 'typebox'
import { DurationSchema, toMilliseconds } from './duration.ts'
import { errors } from './errors.ts'
import { GateProperties, gateOf, toRules, type GateEntry, type Rules } from './gates/definition.ts'
import { OWN_QUEUES } from './queues/contract.ts'
import { RunSchema, type Run } from './runners/entry.ts'

const NAME = '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$'
const text = (description: string) => Type.String({ minLength: 1, description })
const closed = { additionalProperties: false }
const anyObject = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description })

/** `"new_assembly": ["dump_dna"]`, or the same with more to say about it. */
export const EventEntrySchema = Type.Union([
  Type.Array(Type.String({ pattern: NAME }), { uniqueItems: true }),
  Type.Object({
    processes: Type.Array(Type.String({ pattern: NAME }), { uniqueItems: true }),
    description: Type.Optional(text('For people')),
    example: Type.Optional(anyObject('An event of this type, shown in the documentation'))
  }, closed)
])

/** `{ "queue": … }`, or Ensembl's original `{ "analysis": …, "hive_uri": … }`, or the name of the queue alone. */
export const ProcessEntrySchema = Type.Union([
  Type.String({ pattern: NAME }),
  Type.Object({
    queue: Type.Optional(Type.String({ pattern: NAME, description: 'The BullMQ queue; the name of the process by default' })),
    analysis: Type.Optional(Type.String({ pattern: NAME, description: 'The word of the original service for queue' })),
    hive_uri: Type.Optional(Type.String({ description: 'Read for compatibility, and not used: the backend is a setting of the service' })),
    run: Type.Optional(RunSchema),
    params: Type.Optional(Type.Object({
      default: Type.Optional(anyObject("Parameters where the event's data gives none")),
      schema: Type.Optional(anyObject('JSON Schema of the event, checked before anything is queued'))
    }, closed)),
    attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Runs at most, the first included; 1 by default' })),
    backoff: Type.Optional(Type.Object({
      type: Type.Union([Type.Literal('fixed'), Type.Literal('exponential')]),
      delay: DurationSchema
    }, closed)),
    timeout: Type.Optional(DurationSchema),
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_097_151, description: 'Lower numbers run first, after those without' })),
    concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Jobs that run at once in one worker' })),
    emits: Type.Optional(Type.Array(text('An event type that it may generate'), { uniqueItems: true })),
    ...GateProperties,
    description: Type.Optional(text('For people'))
  }, closed)
])

const EventLookupSchema = Type.Record(Type.String(), EventEntrySchema)
const ProcessLookupSchema = Type.Record(Type.String(), ProcessEntrySchema)

export type EventType = { type: string, processes: string[], description?: string, example?: Record<string, unknown> }

/** A process as its lookup entry defines it, with the defaults filled in. Times are milliseconds. */
export type Definition = {
  name: string
  queue: string
  run: Run
  defaults: Record<string, unknown>
  schema: Record<string, unknown> | undefined
  /** Paths and messages of what an event lacks; empty where it has all that the process needs. */
  check: (event: unknown) => Array<{ field: string, message: string }>
  attempts: number
  backoff: { type: 'fixed' | 'exponential', delay: number } | undefined
  timeoutMs: number | undefined
  priority: number
  concurrency: number | undefined
  /** Undefined where the entry does not say: then it may generate anything. */
  emits: ReadonlySet<string> | undefined
  /** When its jobs may run, beyond that a worker is free. */
  rules: Rules | undefined
  /** The rules as the entry has them. */
  gate: GateEntry
  /** A job that has not begun after so long is cancelled. */
  expiresMs: number | undefined
  description: string | undefined
}

/** Both lookups, checked against each other. Never changed: a reload makes a new one. */
export type Lookups = {
  /** Content hash: every event record carries that of the lookups which routed it. */
  hash: string
  eventTypes: ReadonlyMap<string, EventType>
  processes: ReadonlyMap<string, Definition>
  /** What is allowed and probably not meant. */
  warnings: string[]
}

/** Processes that a setting starts beside event_lookup.json, and the name of that setting. */
export type StartedBySetting = { setting: string, processes: string[] }

/** Says what is wrong with the handler of a `run` entry, or nothing. */
export type CheckRun = (run: Run, folder: string) => Promise<string | undefined>

/**
 * Reads `event_lookup.json` and `process_lookup.json` of `folder` and checks them and each against the other.
 *
 * @throws INVALID_LOOKUPS with every problem found, each naming its file and entry
 */
export async function loadLookups (folder: string, checkRun: CheckRun, started?: StartedBySetting): Promise<Lookups> {
  const problems: string[] = []
  const warnings: string[] = []
  // One after the other, so that problems come in this order.
  const eventFile = await readJson(folder, 'event_lookup.json', problems)
  const processFile = await readJson(folder, 'process_lookup.json', problems)
  if (problems.length === 0) {
    problems.push(...shapeProblems('event_lookup.json', EventLookupSchema, eventFile), ...shapeProblems('process_lookup.json', ProcessLookupSchema, processFile))
  }
  if (problems.length > 0) throw errors.invalidLookups(problems)

  const eventTypes = new Map(Object.entries(eventFile as Static<typeof EventLookupSchema>).map(([type, entry]) => [type, toEventType(type, entry)]))
  const processes = new Map<string, Definition>()
  for (const [name, entry] of Object.entries(processFile as Static<typeof ProcessLookupSchema>)) {
    if (!new RegExp(NAME).test(name)) {
      problems.push(`process_lookup.json: ${JSON.stringify(name)} is no name for a process: letters, digits, _ . - only`)
      continue
    }
    if (typeof entry === 'object' && entry.hive_uri !== undefined) warnings.push(`process_lookup.json: ${name}: hive_uri is not used; jobs go to the backend of this service`)
    try {
      processes.set(name, toDefinition(name, entry))
    } catch (error) {
      problems.push(`process_lookup.json: ${name}/${(error as Error).message}`)
    }
  }
  problems.push(...crossProblems(eventTypes, processes), ...missingProcesses(processes, started), ...await handlerProblems(processes, folder, checkRun))
  if (problems.length > 0) throw errors.invalidLookups(problems)
  warnings.push(...crossWarnings(eventTypes, processes, started))
  return { hash: contentHash([eventFile, processFile]), eventTypes, processes, warnings }
}

async function readJson (folder: string, file: string, problems: string[]): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, file), 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    problems.push(code === 'ENOENT' ? `${join(folder, file)} does not exist` : `${file}: ${message}`)
  }
}

/** A union says of every branch why it does not fit; people want the one that was meant, the object form. */
function shapeProblems (file: string, schema: object, value: unknown): string[] {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema)
  if (validate(value)) return []
  const found = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'anyOf')
  const deepest = found.filter(({ instancePath }) => !found.some((other) => other.instancePath.startsWith(`${instancePath}/`)))
  return [...new Set(deepest.map((error) => `${file}: ${error.instancePath.slice(1) || 'the file'} ${problemText(error)}`))]
}

function problemText ({ message = 'is not valid', params }: ErrorObject): string {
  const extra = (params as { additionalProperty?: string }).additionalProperty
  const allowed = (params as { allowedValues?: unknown[], allowedValue?: unknown }).allowedValues ?? (params as { allowedValue?: unknown }).allowedValue
  return `${message}${extra === undefined ? '' : `: ${extra}`}${allowed === undefined ? '' : `: ${JSON.stringify(allowed)}`}`
}

function toEventType (type: string, entry: Static<typeof EventEntrySchema>): EventType {
  if (Array.isArray(entry)) return { type, processes: entry }
  const { processes, description, example } = entry
  return { type, processes, ...(description === undefined ? {} : { description }), ...(example === undefined ? {} : { example }) }
}

function toDefinition (name: string, entry: Static<typeof ProcessEntrySchema>): Definition {
  const fields = typeof entry === 'string' ? { queue: entry } as Exclude<typeof entry, string> : entry
  const { queue, analysis, run, params, attempts, backoff, timeout, priority, concurrency, emits, expires, description } = fields
  return {
    name,
    queue: queue ?? analysis ?? name,
    run: run ?? { module: name },
    defaults: params?.default ?? {},
    schema: params?.schema,
    check: checker(params?.schema),
    attempts: attempts ?? 1,
    backoff: backoff === undefined ? undefined : { type: backoff.type, delay: toMilliseconds(backoff.delay) },
    timeoutMs: timeout === undefined ? undefined : toMilliseconds(timeout),
    priority: priority ?? 0,
    concurrency,
    emits: emits === undefined ? undefined : new Set(emits),
    rules: toRules(fields),
    gate: gateOf(fields),
    expiresMs: expires === undefined ? undefined : toMilliseconds(expires),
    description
  }
}

function checker (schema: Record<string, unknown> | undefined): Definition['check'] {
  if (schema === undefined) return () => []
  const ajv = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false })
  addFormats.default(ajv)
  const validate = compile(ajv, schema)
  return (event) => validate(event) ? [] : (validate.errors ?? []).map(toFieldProblem)
}

function compile (ajv: Ajv, schema: Record<string, unknown>): ValidateFunction {
  try {
    return ajv.compile(schema)
  } catch (error) {
    throw new Error(`params/schema: ${(error as Error).message}`)
  }
}

/** A missing field is named by its own path, not by that of the object which lacks it. */
function toFieldProblem (error: ErrorObject): { field: string, message: string } {
  const path = error.instancePath.slice(1)
  const missing = (error.params as { missingProperty?: string }).missingProperty
  if (missing === undefined) return { field: path, message: problemText(error) }
  return { field: path === '' ? missing : `${path}/${missing}`, message: 'is required' }
}

function crossProblems (eventTypes: Lookups['eventTypes'], processes: Lookups['processes']): string[] {
  const problems: string[] = []
  for (const { type, processes: names } of eventTypes.values()) {
    for (const name of names) if (!processes.has(name)) problems.push(`event_lookup.json: ${type} starts ${name}, which process_lookup.json does not define`)
  }
  const foreign = new Map<string, string>()
  for (const { name, queue, run } of processes.values()) if ('external' in run) foreign.set(queue, name)
  for (const { name, queue, run } of processes.values()) {
    if (OWN_QUEUES.has(queue)) problems.push(`process_lookup.json: ${name}: the queue ${queue} is taken by Signalbox itself`)
    if (!('external' in run) && foreign.has(queue)) problems.push(`process_lookup.json: ${name}: the queue ${queue} belongs to the foreign workers of ${foreign.get(queue)}; give ${name} another`)
  }
  for (const { name, rules } of processes.values()) {
    for (const type of rules?.waitFor?.all ?? []) {
      if (!mayStart({ eventTypes }, type).includes(name)) problems.push(`process_lookup.json: ${name}/wait_for/all: event_lookup.json does not start ${name} for ${type}`)
    }
  }
  const loop = findLoop(eventTypes, processes)
  if (loop !== undefined) problems.push(`process_lookup.json: a loop of emits: ${loop.join(' → ')}`)
  return problems
}

/** The processes that an event of a type could start. */
export const mayStart = ({ eventTypes }: Pick<Lookups, 'eventTypes'>, type: string): string[] => eventTypes.get(type)?.processes ?? []

/** An event type that can cause itself, by the processes that it starts and what they emit. */
function findLoop (eventTypes: Lookups['eventTypes'], processes: Lookups['processes']): string[] | undefined {
  const done = new Set<string>()
  const visit = (type: string, path: string[]): string[] | undefined => {
    if (path.includes(type)) return [...path.slice(path.indexOf(type)), type]
    if (done.has(type)) return undefined
    for (const name of eventTypes.get(type)?.processes ?? []) {
      for (const next of processes.get(name)?.emits ?? []) {
        const loop = visit(next, [...path, type, name])
        if (loop !== undefined) return loop
      }
    }
    done.add(type)
    return undefined
  }
  for (const type of eventTypes.keys()) {
    const loop = visit(type, [])
    if (loop !== undefined) return loop
  }
  return undefined
}

async function handlerProblems (processes: Lookups['processes'], folder: string, checkRun: CheckRun): Promise<string[]> {
  const found = await Promise.all([...processes.values()].map(async ({ name, run }) => {
    const problem = await checkRun(run, folder)
    return problem === undefined ? [] : [`process_lookup.json: ${name}: ${problem}`]
  }))
  return found.flat()
}

const missingProcesses = (processes: Lookups['processes'], started?: StartedBySetting): string[] => (started?.processes ?? [])
  .filter((name) => !processes.has(name))
  .map((name) => `${started?.setting}: ${name} is no process of process_lookup.json`)

function crossWarnings (eventTypes: Lookups['eventTypes'], processes: Lookups['processes'], bySetting?: StartedBySetting): string[] {
  const started = new Set([...[...eventTypes.values()].flatMap((entry) => entry.processes), ...bySetting?.processes ?? []])
  const warnings: string[] = []
  for (const { name, emits } of processes.values()) {
    if (!started.has(name)) warnings.push(`process_lookup.json: no event type starts ${name}`)
    for (const type of emits ?? []) if (!eventTypes.has(type)) warnings.push(`process_lookup.json: ${name} emits ${type}, which event_lookup.json does not list: it will be recorded and start nothing`)
  }
  return warnings
}

/** Of the content, not of its layout: the order of keys and white space do not count. */
function contentHash (files: unknown[]): string {
  const sorted = JSON.stringify(files, (_key, value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
    : value)
  return createHash('sha256').update(sorted).digest('hex').slice(0, 16)
}
