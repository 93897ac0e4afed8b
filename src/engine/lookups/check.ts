import { readEvent } from '../../base/event.ts'
import { createFacts } from '../filters/facts.ts'
import { mayStart, mustStart } from './matching.ts'
import { OWN_QUEUES } from '../own-queues.ts'
import type { BuiltIns, Run } from '../../runners/entry.ts'
import type { EventType } from './event-entry.ts'
import type { Filter, Filters } from './filters.ts'
import type { Definition } from './process-entry.ts'

/** Both lookups as far as they are read. */
type Parts = {
  eventTypes: ReadonlyMap<string, EventType>
  filters?: Filters
  processes: ReadonlyMap<string, Definition>
}

/** Says what is wrong with the handler of a `run` entry, or nothing. */
export type CheckRun = (run: Run, folder: string, builtIns: BuiltIns) => Promise<string | undefined>

/** Where handlers are found, and what finds them. */
export type Handlers = { folder: string, checkRun: CheckRun, builtIns: BuiltIns }

/** Processes that a setting starts beside event_lookup.json, and the name of that setting. */
export type StartedBySetting = { setting: string, processes: string[] }

/** What keeps the two files from working together. */
export function crossProblems (parts: Parts): string[] {
  const { processes } = parts
  const problems: string[] = []
  for (const { type, processes: names } of entriesOf(parts)) {
    for (const name of names) {
      if (!processes.has(name)) {
        problems.push(`event_lookup.json: ${type} starts ${name}, which process_lookup.json does not define`)
      }
    }
  }
  const foreign = new Map<string, string>()
  for (const { name, queue, run } of processes.values()) if ('external' in run) foreign.set(queue, name)
  for (const { name, queue, run } of processes.values()) {
    if (OWN_QUEUES.has(queue)) {
      problems.push(`process_lookup.json: ${name}: the queue ${queue} is taken by Signalbox itself`)
    }
    if (!('external' in run) && foreign.has(queue)) {
      problems.push(
        `process_lookup.json: ${name}: the queue ${queue} belongs to the foreign workers of ${foreign.get(queue)}; give ${name} another`
      )
    }
  }
  for (const { name, rules } of processes.values()) {
    for (const leg of rules?.waitFor?.legs ?? []) {
      if (!startersOf(parts, leg).includes(name)) {
        problems.push(`process_lookup.json: ${name}/wait_for: event_lookup.json does not start ${name} for ${leg}`)
      }
    }
  }
  const loop = findLoop(parts, (type) => mustStart(parts, type))
  if (loop !== undefined) problems.push(`process_lookup.json: a loop of emits: ${loop.join(' → ')}`)
  return problems
}

/** The processes that a leg of a join may start: the name of an entry with a `match`, or an event type. */
function startersOf (parts: Parts, leg: string): string[] {
  return parts.filters?.all.find(({ type }) => type === leg)?.processes ?? mayStart(parts, leg)
}

/** An event type that can cause itself, by the processes that it starts and what they emit. */
function findLoop ({ eventTypes, processes }: Parts, startedBy: (type: string) => string[]): string[] | undefined {
  const done = new Set<string>()
  const visit = (type: string, path: string[]): string[] | undefined => {
    if (path.includes(type)) return [...path.slice(path.indexOf(type)), type]
    if (done.has(type)) return undefined
    for (const name of startedBy(type)) {
      for (const next of processes.get(name)?.emits ?? []) {
        const loop = visit(next, [...path, type, name])
        if (loop !== undefined) return loop
      }
    }
    done.add(type)
    return undefined
  }
  // A filter may take types that are no key, and only those that something emits can go round.
  const emitted = [...processes.values()].flatMap(({ emits }) => [...emits ?? []])
  for (const type of new Set([...eventTypes.keys(), ...emitted])) {
    const loop = visit(type, [])
    if (loop !== undefined) return loop
  }
  return undefined
}

export async function handlerProblems (
  processes: Parts['processes'],
  { folder, checkRun, builtIns }: Handlers
): Promise<string[]> {
  const found = await Promise.all(
    [...processes.values()].map(async ({ name, run }) => {
      const problem = await checkRun(run, folder, builtIns)
      return problem === undefined ? [] : [`process_lookup.json: ${name}: ${problem}`]
    })
  )
  return found.flat()
}

/** Those that a setting starts and that are not defined. */
export const missingProcesses = (processes: Parts['processes'], started?: StartedBySetting): string[] =>
  (started?.processes ?? [])
    .filter((name) => !processes.has(name))
    .map((name) => `${started?.setting}: ${name} is no process of process_lookup.json`)

/** What is allowed and probably not meant. */
export function crossWarnings (parts: Parts, bySetting?: StartedBySetting): string[] {
  const { eventTypes, filters, processes } = parts
  const started = new Set([...entriesOf(parts).flatMap((entry) => entry.processes), ...bySetting?.processes ?? []])
  const warnings: string[] = []
  for (const { name, emits } of processes.values()) {
    if (!started.has(name)) warnings.push(`process_lookup.json: no event type starts ${name}`)
    for (const type of emits ?? []) {
      const listed = eventTypes.has(type) || filters?.all.some(({ clause }) => clause.ofType(type) !== false) === true
      if (!listed) {
        warnings.push(
          `process_lookup.json: ${name} emits ${type}, which event_lookup.json does not list: it will be recorded and start nothing`
        )
      }
    }
  }
  const loop = findLoop(parts, (type) => mayStart(parts, type))
  if (loop !== undefined) {
    warnings.push(
      `process_lookup.json: emits can go round, if the match of an entry holds for more than the type: ${loop.join(' → ')}`
    )
  }
  return [...warnings, ...(filters?.all ?? []).flatMap(exampleWarnings)]
}

/** Whoever writes an example of an entry with a `match` says what it is meant to apply to. */
function exampleWarnings ({ type: name, example, clause }: Filter): string[] {
  if (example === undefined) return []
  try {
    const { holds, reason } = clause.decide(createFacts(readEvent(example).event))
    return holds === true ? [] : [`event_lookup.json: ${name}: its match does not apply to its example: ${reason}`]
  } catch (error) {
    return [`event_lookup.json: ${name}/example: ${(error as Error).message}`]
  }
}

const entriesOf = ({ eventTypes, filters }: Parts): EventType[] => [...eventTypes.values(), ...filters?.all ?? []]
