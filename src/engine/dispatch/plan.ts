import { errors } from '../../base/errors.ts'
import { jobIdOf, type DispatchEvent, type KeyedEvent } from '../../base/event.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import { matchEntries } from '../lookups/matching.ts'
import type { EventJob } from '../documents/event.ts'

/** One job that an event starts, and why. */
export type PlannedJob = {
  process: string
  jobId: string
  queue: string
  gated: boolean
  reason: string
  problems: Array<{ field: string, message: string }>
  /** The entries with a `match` that name the process: what a join may wait for by name. */
  legs: string[]
  /** Its parameters have its own id and the event as one JSON string. */
  withEvent?: true
}

/**
 * What an event would start by the lookups of now. `listed` tells whether any entry applies to it,
 * `entries` which, `keep` whether one has it kept for ever.
 */
export type Plan = {
  type: string
  listed: boolean
  entries: string[]
  keep: boolean
  lookups: string
  jobs: PlannedJob[]
  /** Processes that the entries name and that have nothing to do for such an event. */
  leftOut?: LeftOut[]
}

export type LeftOut = { process: string, reason: string }

/** Which jobs an event has started, as its record lists them. */
export type Routing = Array<Pick<EventJob, 'process' | 'queue' | 'withEvent' | 'legs'>>

/**
 * A process that an event starts beside those of the lookups. Its job is given its own id and the event as parameters.
 */
export type Start = { process: string, reason: string }

/** Fields beside the first that the answer to a bad event names. */
const MAX_PROBLEMS = 50

/** Which jobs an event starts by the lookups: each process once, for the first entry that names it. Pure. */
export function makePlan ({ event, key }: KeyedEvent, lookups: Lookups): Plan {
  const applied = matchEntries(lookups, event)
  const jobs = new Map<string, PlannedJob>()
  for (const { entry, processes, reason } of applied) {
    for (const name of processes) {
      const definition = lookups.processes.get(name)
      const planned = jobs.get(name)
      if (planned !== undefined && reason !== undefined) planned.legs.push(entry)
      if (definition === undefined || planned !== undefined) continue
      const why =
        reason === undefined
          ? `event_lookup.json lists ${name} for ${entry}`
          : `event_lookup.json: ${entry}: ${reason}`
      const job = toPlannedJob(
        { event, key },
        definition,
        `${why}; process_lookup.json puts ${reason === undefined ? 'it' : name} on the queue ${definition.queue}`
      )
      jobs.set(name, { ...job, legs: reason === undefined ? [] : [entry] })
    }
  }
  return {
    type: event.type,
    listed: applied.length > 0,
    entries: applied.map(({ entry }) => entry),
    keep: applied.some(({ keep }) => keep),
    lookups: lookups.hash,
    ...withoutIdle([...jobs.values()], event, lookups)
  }
}

/** Who has nothing to do does not have the event refused for the others. Alone it says what the event lacks. */
function withoutIdle (
  jobs: PlannedJob[],
  event: DispatchEvent,
  { processes }: Lookups
): Pick<Plan, 'jobs' | 'leftOut'> {
  const leftOut = jobs.flatMap(({ process: name }): LeftOut[] => {
    const definition = processes.get(name)
    const reason = definition?.nothingToDo(withDefaults(event, definition))
    return reason === undefined ? [] : [{ process: name, reason }]
  })
  if (leftOut.length === 0 || leftOut.length === jobs.length) return { jobs }
  const idle = new Set(leftOut.map((one) => one.process))
  return { jobs: jobs.filter((job) => !idle.has(job.process)), leftOut }
}

/**
 * The same processes on the same queues again, whatever `event_lookup.json` says of the type by now. Pure.
 *
 * @throws ROUTING_GONE where a process is not defined any more, or a queue would give its job to the wrong workers
 */
export function makeRecordedPlan ({ event, key }: KeyedEvent, lookups: Lookups, routing: Routing): Plan {
  const { processes, hash } = lookups
  const jobs = routing.map(({ process: name, queue, withEvent, legs = [] }): PlannedJob => {
    const definition = processes.get(name)
    if (definition === undefined) throw errors.routingGone(`process ${name} is not defined any more`)
    const foreign = [...processes.values()].find(
      (one) => 'external' in one.run && (one.name === name) !== (one.queue === queue)
    )
    if (foreign !== undefined) {
      throw errors.routingGone(
        `the queue ${foreign.queue} is served by the foreign workers of ${foreign.name} now, and ${name} was on ${queue}`
      )
    }
    return {
      ...toPlannedJob({ event, key }, definition, `it was started on the queue ${queue} then`),
      queue,
      legs,
      withEvent
    }
  })
  return {
    type: event.type,
    listed: true,
    entries: [],
    keep: matchEntries(lookups, event).some(({ keep }) => keep),
    lookups: hash,
    jobs
  }
}

function toPlannedJob (
  { event, key }: Pick<KeyedEvent, 'event' | 'key'>,
  definition: Definition,
  reason: string
): PlannedJob {
  const problems = [...fixedIn(event, definition), ...definition.check(withDefaults(event, definition))]
  return {
    process: definition.name,
    jobId: jobIdOf(key, definition.name),
    queue: definition.queue,
    // One that cannot run has nothing to wait for.
    gated: definition.rules !== undefined && problems.length === 0,
    reason,
    problems,
    legs: []
  }
}

/** The plan with what else the event starts; no process twice. */
export function withStarts (plan: Plan, keyed: KeyedEvent, starts: Start[], { processes }: Lookups): Plan {
  if (starts.length === 0) return plan
  const first = starts.flatMap(({ process: name, reason }): PlannedJob[] => {
    const definition = processes.get(name)
    if (definition === undefined) return []
    return [{ ...toPlannedJob(keyed, definition, reason), withEvent: true }]
  })
  const names = new Set(first.map((job) => job.process))
  return {
    ...plan,
    listed: plan.listed || first.length > 0,
    entries: [...plan.entries, ...names],
    jobs: [...first, ...plan.jobs.filter((job) => !names.has(job.process))]
  }
}

/** @throws INVALID_EVENT with the path of the first field that is at fault, and a message that names them all */
export function refuseProblems ({ jobs }: Plan, at = ''): void {
  const problems = jobs.flatMap((job) =>
    job.problems.map(({ field, message }) => ({
      field: [at, field].filter((part) => part !== '').join('/'),
      message: `${message} (needed by ${job.process})`
    }))
  )
  const [first] = problems
  if (first === undefined) return
  const more = [...new Map(problems.toReversed().map((one) => [one.field, one])).values()]
    .filter(({ field }) => field !== first.field)
    .reverse()
  const named = more.slice(0, MAX_PROBLEMS).map(({ field, message }) => `; ${field} ${message}`).join('')
  throw errors.invalidEvent(
    first.field,
    `${first.message}${named}${more.length > MAX_PROBLEMS ? `; and ${more.length - MAX_PROBLEMS} more` : ''}`
  )
}

/**
 * The event as its process sees it: the parameters of the lookup entry where its data has none, and
 * the fixed ones whatever it has.
 */
export function withDefaults (
  event: DispatchEvent,
  { defaults, fixed }: Pick<Definition, 'defaults' | 'fixed'>
): DispatchEvent {
  if (Object.keys(defaults).length === 0 && Object.keys(fixed).length === 0) return event
  const { data } = event
  if (data !== undefined && (typeof data !== 'object' || data === null || Array.isArray(data))) return event
  return { ...event, data: { ...defaults, ...data, ...fixed } }
}

/** What an event gives that is not for events to give. */
function fixedIn ({ data }: DispatchEvent, { fixed }: Definition): PlannedJob['problems'] {
  if (typeof data !== 'object' || data === null) return []
  return Object.keys(fixed)
    .filter((name) => Object.hasOwn(data, name))
    .map((name) => ({ field: `data/${name}`, message: 'is set by the process, and an event cannot give it' }))
}
