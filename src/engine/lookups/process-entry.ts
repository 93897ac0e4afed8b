import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { Type, type Static } from 'typebox'
import { DurationSchema, toMilliseconds } from '../../base/duration.ts'
import { GateProperties, gateOf, toRules, type GateEntry, type Rules } from './gate-rules.ts'
import { NotifySchema, toNotify, type Notify, type NotifyEntry } from '../../schemas/notify.ts'
import type { ProcessDefinition } from '../../sdk/process.ts'
import { RunSchema, type BuiltIns, type Run } from '../../runners/entry.ts'
import { HIVE_URI } from '../../runners/hive/address.ts'
import { NAMES_BLOCK } from '../../sdk/blocks/kind.ts'
import { createValidation } from '../../base/validation.ts'
import { NAME, anyObject, closed, text } from './entry.ts'
import { problemText } from './shape.ts'

/** Jobs of a hive mostly wait for it here, and the hive has limits of its own. */
const HIVE_CONCURRENCY = 100

/** `{ "queue": … }`, or Ensembl's original `{ "analysis": …, "hive_uri": … }`, or the name of the queue alone. */
export const ProcessEntrySchema = Type.Union([
  Type.String({ pattern: NAME }),
  Type.Object(
    {
      queue: Type.Optional(
        Type.String({ pattern: NAME, description: 'The BullMQ queue; the name of the process by default' })
      ),
      analysis: Type.Optional(
        Type.String({ pattern: NAME, description: 'The word of the original service for queue' })
      ),
      hive_uri: Type.Optional(
        Type.String({
          description: 'The hive of the original service, mysql://…: without `run`, its analysis gets the jobs'
        })
      ),
      run: Type.Optional(RunSchema),
      params: Type.Optional(
        Type.Object(
          {
            default: Type.Optional(anyObject("Parameters where the event's data gives none")),
            fixed: Type.Optional(
              anyObject(
                "Parameters that are the operator's alone, such as the name of a block: an event whose data " +
                'gives one is refused'
              )
            ),
            schema: Type.Optional(
              anyObject(
                'JSON Schema of the event, checked before anything is queued; of a built-in process it narrows ' +
                'what that takes'
              )
            )
          },
          closed
        )
      ),
      attempts: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1000, description: 'Runs at most, the first included; 1 by default' })
      ),
      backoff: Type.Optional(
        Type.Object(
          {
            type: Type.Union([Type.Literal('fixed'), Type.Literal('exponential')]),
            delay: DurationSchema
          },
          closed
        )
      ),
      timeout: Type.Optional(DurationSchema),
      priority: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 2_097_151, description: 'Lower numbers run first, after those without' })
      ),
      concurrency: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1000, description: 'Jobs that run at once in one worker' })
      ),
      emits: Type.Optional(Type.Array(text('An event type that it may generate'), { uniqueItems: true })),
      ...GateProperties,
      notify: Type.Optional(NotifySchema),
      description: Type.Optional(text('For people'))
    },
    closed
  )
])

/** A process as its lookup entry defines it, with the defaults filled in. Times are milliseconds. */
export type Definition = {
  name: string
  queue: string
  run: Run
  defaults: Record<string, unknown>
  /** Parameters that an event cannot give; undefined where the operator gives none either. */
  fixed: Record<string, unknown>
  /** What the process takes, and what its entry narrows that to. */
  schema: Record<string, unknown> | undefined
  /** Paths and messages of what an event lacks; empty where it has all that the process needs. */
  check: (event: unknown) => Array<{ field: string, message: string }>
  /** Why it has nothing to do for an event that others take; undefined where it has. */
  nothingToDo: NonNullable<ProcessDefinition['nothingToDo']>
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
  /** Who is told when a job of it has ended. */
  notify: Notify[]
  /** The same as the entry has it. */
  notifyEntry: NotifyEntry
  description: string | undefined
}

/** @throws an error whose message names the field of the entry that is at fault */
export function toDefinition (name: string, entry: Static<typeof ProcessEntrySchema>, builtIns: BuiltIns): Definition {
  const fields = typeof entry === 'string' ? { queue: entry } as Exclude<typeof entry, string> : entry
  const {
    queue, analysis, params, attempts, backoff, timeout, priority, concurrency, emits, expires, notify, description
  } = fields
  const run = runOf(name, fields)
  const builtIn = 'module' in run ? builtIns.get(run.module) : undefined
  return {
    name,
    queue: queue ?? analysis ?? name,
    run,
    defaults: params?.default ?? {},
    fixed: fixedOf(params, builtIn),
    schema: schemaOf(builtIn, params?.schema),
    check: checker(builtIn, params?.schema),
    nothingToDo: builtIn?.nothingToDo ?? (() => undefined),
    attempts: attempts ?? 1,
    backoff: backoff === undefined ? undefined : { type: backoff.type, delay: toMilliseconds(backoff.delay) },
    timeoutMs: timeout === undefined ? undefined : toMilliseconds(timeout),
    priority: priority ?? 0,
    concurrency: concurrency ?? ('hive' in run ? HIVE_CONCURRENCY : undefined),
    emits: emits === undefined ? undefined : new Set(emits),
    rules: toRules(fields),
    gate: gateOf(fields),
    expiresMs: expires === undefined ? undefined : toMilliseconds(expires),
    notify: toNotify(notify ?? []),
    notifyEntry: notify ?? [],
    description
  }
}

type Problem = { field: string, message: string }
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
  return run === undefined
    ? 'hive_uri is not used: it is not mysql://…; jobs go to the backend of this service'
    : 'hive_uri is not used: run says how its jobs are run'
}

/** The entry's own, and those that belong to the operator whatever the entry says. */
function fixedOf (params: Fields['params'], builtIn: ProcessDefinition | undefined): Record<string, unknown> {
  const own = (builtIn?.operatorsOwn ?? []).map((one) => [one, params?.default?.[one]])
  return { ...Object.fromEntries(own), ...params?.fixed }
}

type Schema = Record<string, unknown>

/** Both, as one schema for people. References of the first are meant within it, which its `$id` says. */
function schemaOf (builtIn: ProcessDefinition | undefined, narrower: Schema | undefined): Schema | undefined {
  const own = builtIn?.params as Schema | undefined
  if (own === undefined || narrower === undefined) return own ?? narrower
  return { allOf: [{ $id: `signalbox:${builtIn?.name}`, ...own }, narrower] }
}

/** What the schemas find, and what the process itself finds at other fields. */
function checker (builtIn: ProcessDefinition | undefined, narrower: Schema | undefined): Definition['check'] {
  const schemas = [builtIn?.params as Schema | undefined, narrower].filter((one) => one !== undefined)
  const own = builtIn?.check ?? (() => [])
  if (schemas.length === 0) return own
  const validations = schemas.map(validationOf)
  return (event) => {
    // Which branch of a condition was taken is of no interest, only what is wrong in it.
    const found = validations
      .flatMap((validate) => validate(event))
      .filter(({ keyword }) => keyword !== 'if')
      .map(toFieldProblem)
    const fields = new Set(found.map(({ field }) => field))
    return [...unique(found), ...own(event).filter(({ field }) => !fields.has(field))]
  }
}

/** Both schemas may ask for the same. */
function unique (problems: Problem[]): Problem[] {
  return [...new Map(problems.map((one) => [`${one.field} ${one.message}`, one])).values()]
}

function validationOf (schema: Schema): (event: unknown) => ErrorObject[] {
  return createValidation((allErrors) => {
    const ajv = new Ajv({ allErrors, strictTypes: false, strictRequired: false })
    ajv.addKeyword(NAMES_BLOCK)
    addFormats.default(ajv)
    return compile(ajv, schema)
  })
}

function compile (ajv: Ajv, schema: Record<string, unknown>): ValidateFunction {
  try {
    return ajv.compile(schema)
  } catch (error) {
    throw new Error(`params/schema: ${(error as Error).message}`)
  }
}

/** A missing field is named by its own path, not by that of the object which lacks it. */
function toFieldProblem (error: ErrorObject): Problem {
  const path = error.instancePath.slice(1)
  const missing = (error.params as { missingProperty?: string }).missingProperty
  if (missing === undefined) return { field: path, message: problemText(error) }
  return { field: path === '' ? missing : `${path}/${missing}`, message: 'is required' }
}
