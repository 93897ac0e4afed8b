import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { errors } from './errors.ts'
import { crossProblems, crossWarnings, handlerProblems, type CheckRun } from './lookups/check.ts'
import { NAME } from './lookups/entry.ts'
import { EventEntrySchema, toEventType, type EventType } from './lookups/event-entry.ts'
import { readFilters, type Filters } from './lookups/filters.ts'
import { ProcessEntrySchema, toDefinition, type Definition } from './lookups/process-entry.ts'
import { shapeProblems } from './lookups/shape.ts'

export type { CheckRun } from './lookups/check.ts'
export type { EventType } from './lookups/event-entry.ts'
export type { Definition } from './lookups/process-entry.ts'
export { mayStart } from './matching.ts'

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
  /** What is allowed and probably not meant. */
  warnings: string[]
}

/**
 * Reads `event_lookup.json` and `process_lookup.json` of `folder` and checks them and each against the other.
 *
 * @throws INVALID_LOOKUPS with every problem found, each naming its file and entry
 */
export async function loadLookups (folder: string, checkRun: CheckRun): Promise<Lookups> {
  const problems: string[] = []
  const warnings: string[] = []
  // One after the other, so that problems come in this order.
  const eventFile = await readJson(folder, 'event_lookup.json', problems)
  const processFile = await readJson(folder, 'process_lookup.json', problems)
  if (problems.length === 0) {
    problems.push(...shapeProblems('event_lookup.json', EventLookupSchema, eventFile), ...shapeProblems('process_lookup.json', ProcessLookupSchema, processFile))
  }
  if (problems.length > 0) throw errors.invalidLookups(problems)

  const events = eventFile as Static<typeof EventLookupSchema>
  const filters = await readFilters(events, problems)
  const eventTypes = new Map(Object.entries(events).filter(([, entry]) => Array.isArray(entry) || entry.match === undefined).map(([type, entry]) => [type, toEventType(type, entry)]))
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
  const parts = { eventTypes, ...(filters === undefined ? {} : { filters }), processes }
  problems.push(...crossProblems(parts), ...await handlerProblems(processes, folder, checkRun))
  if (problems.length > 0) throw errors.invalidLookups(problems)
  warnings.push(...crossWarnings(parts))
  return { hash: contentHash(filters === undefined ? [eventFile, processFile] : [eventFile, processFile, Object.keys(events)]), ...parts, warnings }
}

async function readJson (folder: string, file: string, problems: string[]): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, file), 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    problems.push(code === 'ENOENT' ? `${join(folder, file)} does not exist` : `${file}: ${message}`)
  }
}

/** Of the content, not of its layout: white space does not count, nor the order of keys but where it is given by itself. */
function contentHash (files: unknown[]): string {
  const sorted = JSON.stringify(files, (_key, value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
    : value)
  return createHash('sha256').update(sorted).digest('hex').slice(0, 16)
}
