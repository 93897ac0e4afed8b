import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { Type, type Static } from 'typebox'
import { DurationSchema, toMilliseconds } from '../duration.ts'
import { GateProperties, gateOf, toRules, type GateEntry, type Rules } from '../gates/definition.ts'
import { RunSchema, type Run } from '../runners/entry.ts'
import { HIVE_URI } from '../runners/hive/address.ts'
import { NAME, anyObject, closed, text } from './entry.ts'
import { problemText } from './shape.ts'

/** Jobs of a hive mostly wait for it here, and the hive has limits of its own. */
const HIVE_CONCURRENCY = 100

/** `{ "queue": … }`, or Ensembl's original `{ "analysis": …, "hive_uri": … }`, or the name of the queue alone. */
export const ProcessEntrySchema = Type.Union([
  Type.String({ pattern: NAME }),
  Type.Object({
    queue: Type.Optional(Type.String({ pattern: NAME, description: 'The BullMQ queue; the name of the process by default' })),
    analysis: Type.Optional(Type.String({ pattern: NAME, description: 'The word of the original service for queue' })),
    hive_uri: Type.Optional(Type.String({ description: 'The hive of the original service, mysql://…: without `run`, its analysis gets the jobs' })),
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

/** @throws an error whose message names the field of the entry that is at fault */
export function toDefinition (name: string, entry: Static<typeof ProcessEntrySchema>): Definition {
  const fields = typeof entry === 'string' ? { queue: entry } as Exclude<typeof entry, string> : entry
  const { queue, analysis, params, attempts, backoff, timeout, priority, concurrency, emits, expires, description } = fields
  const run = runOf(name, fields)
  return {
    name,
    queue: queue ?? analysis ?? name,
    run,
    defaults: params?.default ?? {},
    schema: params?.schema,
    check: checker(params?.schema),
    attempts: attempts ?? 1,
    backoff: backoff === undefined ? undefined : { type: backoff.type, delay: toMilliseconds(backoff.delay) },
    timeoutMs: timeout === undefined ? undefined : toMilliseconds(timeout),
    priority: priority ?? 0,
    concurrency: concurrency ?? ('hive' in run ? HIVE_CONCURRENCY : undefined),
    emits: emits === undefined ? undefined : new Set(emits),
    rules: toRules(fields),
    gate: gateOf(fields),
    expiresMs: expires === undefined ? undefined : toMilliseconds(expires),
    description
  }
}

type Fields = Exclude<Static<typeof ProcessEntrySchema>, string>

/** `run`, where it is given; the hive of an original entry; else the built-in process of that name. */
function runOf (name: string, { run, analysis, hive_uri: uri }: Fields): Run {
  if (run !== undefined) return run
  return isHive(uri) ? { hive: { uri, analysis: analysis ?? name } } : { module: name }
}

const isHive = (uri: string | undefined): uri is string => uri !== undefined && HIVE_URI.test(uri)

/** What is said of an entry whose hive gets no jobs. */
export function hiveWarning ({ run, hive_uri: uri }: Fields): string | undefined {
  if (uri === undefined || (run === undefined && isHive(uri))) return undefined
  return run === undefined ? 'hive_uri is not used: it is not mysql://…; jobs go to the backend of this service' : 'hive_uri is not used: run says how its jobs are run'
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
