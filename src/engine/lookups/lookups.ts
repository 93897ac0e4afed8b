import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { errors } from '../../base/errors.ts'
import { fromEnvironment } from '../../base/from-environment.ts'
import {
  crossProblems, crossWarnings, handlerProblems, missingProcesses, type Handlers, type StartedBySetting
} from './check.ts'
import { NAME } from './entry.ts'
import { EventEntrySchema, toEventType, type EventType } from './event-entry.ts'
import { readFilters, type Filters } from './filters.ts'
import { ProcessEntrySchema, hiveWarning, toDefinition, type Definition } from './process-entry.ts'
import { shapeProblems } from './shape.ts'
import { SCHEDULE_FILE, readSchedules, type ScheduleEntry } from './schedule-entry.ts'

export type { CheckRun, Handlers, StartedBySetting } from './check.ts'
export type { EventType } from './event-entry.ts'
export type { Definition } from './process-entry.ts'
import { mayStart } from './matching.ts'
export { mayStart }

const EventLookupSchema = Type.Record(Type.String(), EventEntrySchema)
const ProcessLookupSchema = Type.Record(Type.String(), ProcessEntrySchema)

/** Both lookups, checked against each other. Never changed: a reload makes a new one. */
export type Lookups = {
  /** Content hash: every event record carries that of the lookups which routed it. */
  hash: string
  /** The entries without a `match`. Whether an event is known and what it starts is told by matching.ts. */
  eventTypes: ReadonlyMap<string, EventType>
  /** The entries with a `match`; undefined where there is none. */
  filters?: Filters
  processes: ReadonlyMap<string, Definition>
  schedules: ReadonlyMap<string, ScheduleEntry>
  /** What is allowed and probably not meant. */
  warnings: string[]
  /** What follows from the environment and is worth a line. */
  remarks?: string[]
}

/**
 * The folder of the files; `builtIns` are the processes that an entry may name; `started` those that a setting names.
 */
export type LookupSources = Handlers & {
  started?: StartedBySetting | undefined
  env?: Record<string, string | undefined>
}

/**
 * Reads `event_lookup.json`, `process_lookup.json` and, if it is there, `schedule_lookup.json` of `folder`
 * and checks them and each against the others. Schedules and default parameters may name variables of `env`.
 *
 * @throws INVALID_LOOKUPS with every problem found, each naming its file and entry
 */
export async function loadLookups ({ folder, checkRun, builtIns, started, env = {} }: LookupSources): Promise<Lookups> {
  const files = await readLookupFiles(folder, env)
  const problems: string[] = []
  const warnings: string[] = []
  const remarks: string[] = []
  const filters = await readFilters(files.events, problems)
  const eventTypes = new Map(
    Object.entries(files.events)
      .filter(([, entry]) => Array.isArray(entry) || entry.match === undefined)
      .map(([type, entry]) => [type, toEventType(type, entry)])
  )
  const processes = readProcesses(files.processes, builtIns, { problems, warnings })
  const schedules = readSchedules(files.schedules ?? {}, {
    eventTypes: { has: (type) => eventTypes.has(type) || mayStart({ eventTypes, filters }, type).length > 0 },
    variables: files.variables,
    problems,
    remarks
  })
  const parts = { eventTypes, filters, processes }
  problems.push(
    ...crossProblems(parts),
    ...missingProcesses(processes, started),
    ...(await handlerProblems(processes, { folder, checkRun, builtIns }))
  )
  if (problems.length > 0) throw errors.invalidLookups(problems)
  warnings.push(...crossWarnings(parts, started))
  const content = [
    files.events,
    files.processes,
    ...(filters === undefined ? [] : [Object.keys(files.events)]),
    ...(files.schedules === undefined ? [] : [files.schedules])
  ]
  return { hash: contentHash(content), ...parts, schedules, warnings, remarks }
}

type LookupContents = {
  events: Static<typeof EventLookupSchema>
  processes: Static<typeof ProcessLookupSchema>
  /** Undefined where there is no such file. */
  schedules: unknown
  /** Those of the environment that the schedules name. */
  variables: ReturnType<typeof fromEnvironment>['variables']
}

/** The files as they stand, with what they take from the environment. */
async function readLookupFiles (folder: string, env: Record<string, string | undefined>): Promise<LookupContents> {
  const problems: string[] = []
  // One after the other, so that problems come in this order.
  const events = await readJson(folder, 'event_lookup.json', problems)
  const processes = withDefaultsFrom(env, await readJson(folder, 'process_lookup.json', problems), problems)
  const written = existsSync(join(folder, SCHEDULE_FILE)) ? await readJson(folder, SCHEDULE_FILE, problems) : undefined
  const { value: schedules, variables } = fromEnvironment(written, env, problems)
  if (problems.length === 0) {
    problems.push(
      ...shapeProblems('event_lookup.json', EventLookupSchema, events),
      ...shapeProblems('process_lookup.json', ProcessLookupSchema, processes)
    )
  }
  if (problems.length > 0) throw errors.invalidLookups(problems)
  return {
    events: events as LookupContents['events'],
    processes: processes as LookupContents['processes'],
    schedules,
    variables
  }
}

function readProcesses (
  entries: LookupContents['processes'],
  builtIns: LookupSources['builtIns'],
  { problems, warnings }: { problems: string[], warnings: string[] }
): Map<string, Definition> {
  const processes = new Map<string, Definition>()
  for (const [name, entry] of Object.entries(entries)) {
    if (!new RegExp(NAME).test(name)) {
      const quoted = JSON.stringify(name)
      problems.push(`process_lookup.json: ${quoted} is no name for a process: letters, digits, _ . - only`)
      continue
    }
    const warning = typeof entry === 'object' ? hiveWarning(entry) : undefined
    if (warning !== undefined) warnings.push(`process_lookup.json: ${name}: ${warning}`)
    try {
      processes.set(name, toDefinition(name, entry, builtIns))
    } catch (error) {
      problems.push(`process_lookup.json: ${name}/${(error as Error).message}`)
    }
  }
  return processes
}

/** The file with what its default parameters take from the environment. */
function withDefaultsFrom (env: Record<string, string | undefined>, file: unknown, problems: string[]): unknown {
  if (typeof file !== 'object' || file === null || Array.isArray(file)) return file
  return Object.fromEntries(
    Object.entries(file as Record<string, { params?: { default?: unknown } } | null>).map(([name, entry]) => {
      const given = entry?.params?.default
      if (entry === null || given === undefined) return [name, entry]
      const found: string[] = []
      const resolved = { ...entry, params: { ...entry.params, default: fromEnvironment(given, env, found).value } }
      problems.push(...found.map((problem) => `process_lookup.json: ${name}/params/default: ${problem}`))
      return [name, resolved]
    })
  )
}

async function readJson (folder: string, file: string, problems: string[]): Promise<unknown> {
  try {
    return withoutSchema(JSON.parse(await readFile(join(folder, file), 'utf8')))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    problems.push(
      code === 'ENOENT'
        ? `${join(folder, file)} does not exist (signalbox init writes a first one)`
        : `${file}: ${message}`
    )
  }
}

/** What tells editors how the file is made is no entry. */
function withoutSchema (value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$schema' in value) || typeof value.$schema !== 'string') {
    return value
  }
  const { $schema: _, ...entries } = value
  return entries
}

/**
 * Of the content, not of its layout: white space does not count, nor the order of keys but where it is given by itself.
 */
function contentHash (files: unknown[]): string {
  const sorted = JSON.stringify(files, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
      : value
  )
  return createHash('sha256').update(sorted).digest('hex').slice(0, 16)
}
