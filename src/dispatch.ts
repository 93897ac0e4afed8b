import { createBatch } from './batch.ts'
import { SignalboxError, errors } from './errors.ts'
import { checkValue, followOnKey, jobIdOf, readEvent, type DispatchEvent, type FollowOn, type KeyedEvent } from './event.ts'
import type { Definition, Lookups } from './lookups.ts'
import { gateIdOf } from './gates/key.ts'
import { marksOf } from './gates/upstream.ts'
import { explainRules, matchEntries, type RuleVerdict } from './matching.ts'
import { EVENTS_QUEUE, GATES_QUEUE, type JobOptions, type NewJob, type Queues, type Tree } from './queues/contract.ts'
import { withTimeout } from './queues/timeout.ts'
import { childrenOf, type Cause, type Dispatched, type EventRecord, type JobData, type Lineage, type RecordedJob } from './record.ts'

/** One job that an event starts, and why. */
export type PlannedJob = {
  process: string
  jobId: string
  queue: string
  gated: boolean
  reason: string
  problems: Array<{ field: string, message: string }>
  /** Its parameters have its own id and the event as one JSON string. */
  withEvent?: true
}

/** What an event would start by the lookups of now. `listed` tells whether any entry applies to it, `entries` which. */
export type Plan = { type: string, listed: boolean, entries: string[], lookups: string, jobs: PlannedJob[] }

/** Which jobs an event has started, as its record lists them. */
export type Routing = EventRecord['jobs']

/** A process that an event starts beside those of the lookups. Its job is given its own id and the event as parameters. */
export type Start = { process: string, reason: string }

/** `parent`: the job that the sender named. `at`: where the event stands in the request, for the paths of errors. */
export type Submitted = { keyed: KeyedEvent, parent?: string | undefined, at?: string }

/** `entry` is the first entry of event_lookup.json that applied, or the first process that was started without one. */
export type Accepted = { key: string, jobs: Array<[process: string, jobId: string]>, known: boolean, entry: string }

export interface Dispatch {
  /** Takes an event from outside. Rejects with a 4xx error and leaves nothing behind, or with 503. */
  submit: (keyed: KeyedEvent, options?: { replays?: string | undefined, routing?: Routing | undefined, parent?: string | undefined }) => Promise<Accepted>
  /**
   * Takes several events from outside: all are checked before any is written, and all are written in one call. One that
   * starts nothing and was never taken is not kept: undefined.
   */
  submitAll: (all: Submitted[]) => Promise<Array<Accepted | undefined>>
  /** Dispatches what a job generated. Called again for the same job, it changes nothing and answers the same. */
  followOn: (job: { id: string, process: string, key: string, event: DispatchEvent, lineage: Lineage }, events: FollowOn[]) => Promise<Dispatched[]>
  /** The plan, and what came of every entry with a `match`. By `routing`, where it is given, instead of the lookups. */
  plan: (keyed: KeyedEvent, routing?: Routing) => Plan & { rules: RuleVerdict[] }
}

type Dependencies = {
  lookups: () => Lookups
  /** What else an event starts, before the processes of the lookups. */
  starts?: (event: DispatchEvent) => Start[]
  queues: Pick<Queues, 'addTrees' | 'getMany' | 'countUnder'>
  timeoutMs: number
  batchSize: number
  batches: number
  maxWaiting: number
  maxDepth: number
  maxFanOut: number
  onRefused?: (refused: Dispatched, cause: Cause) => void
}

/** Errors at a gate are those of the datastore. */
const GATE_ATTEMPTS = 1_000_000
const GATE_BACKOFF_MS = 1000

/** Follow-on events of one job that are written at once. */
const FOLLOW_ON_PIECE = 100

/** The one place where an event becomes work. */
export function createDispatch ({ lookups, starts = () => [], queues, timeoutMs, batchSize, batches, maxWaiting, maxDepth, maxFanOut, onRefused }: Dependencies): Dispatch {
  const add = createBatch<Tree, 'added' | 'known'>({ write: queues.addTrees, size: batchSize, batches, maxWaiting, timeoutMs, overloaded: errors.overloaded, unanswered: errors.backendUnavailable })

  /** Trees that are written outside the batches at this moment. */
  let writing = 0

  async function write (tree: Tree): Promise<'added' | 'known'> {
    try {
      const { result, shared } = await add(tree.root.id, tree)
      return shared ? 'known' : result
    } catch (error) {
      throw error instanceof SignalboxError ? error : errors.backendUnavailable(error)
    }
  }

  const planOf = (keyed: KeyedEvent, now: Lookups, routing?: Routing): Plan => routing !== undefined ? makeRecordedPlan(keyed, now, routing) : withStarts(makePlan(keyed, now), keyed, starts(keyed.event), now)

  async function submit (keyed: KeyedEvent, { replays, routing, parent }: { replays?: string | undefined, routing?: Routing | undefined, parent?: string | undefined } = {}): Promise<Accepted> {
    const now = lookups()
    const { event, key, given } = keyed
    const plan = planOf(keyed, now, routing)
    if (!plan.listed) throw errors.unknownEventType(event.type)
    refuseProblems(plan)
    const tree = toTree(keyed, plan, now, { root: key, depth: 0, above: [] }, { ...(replays === undefined ? {} : { replays }), ...(parent === undefined ? {} : { parent }) })
    const known = await write(tree) === 'known' && given
    return { key, known, entry: plan.entries[0] ?? '', jobs: known ? (await storedJobs([key])).get(key) ?? [] : addresses(plan) }
  }

  async function submitAll (all: Submitted[]): Promise<Array<Accepted | undefined>> {
    const now = lookups()
    const plans = new Map<string, Plan>()
    const trees = new Map<string, Tree>()
    for (const { keyed, parent, at = '' } of all) {
      // Copies in one request are one event.
      if (plans.has(keyed.key)) continue
      const plan = planOf(keyed, now)
      refuseProblems(plan, at)
      plans.set(keyed.key, plan)
      if (plan.listed) trees.set(keyed.key, toTree(keyed, plan, now, { root: keyed.key, depth: 0, above: [] }, parent === undefined ? {} : { parent }))
    }
    const added = await writeAll([...trees.values()])
    const stored = await storedJobs([...plans.keys()].filter((key) => !added.has(key)))
    return all.map(({ keyed: { key } }) => {
      const plan = plans.get(key) as Plan
      const jobs = stored.get(key)
      const known = jobs !== undefined
      return known || added.has(key) ? { key, known, entry: plan.entries[0] ?? '', jobs: jobs ?? addresses(plan) } : undefined
    })
  }

  /** Answers the keys of those that are new. */
  async function writeAll (trees: Tree[]): Promise<Set<string>> {
    const [only] = trees
    if (only === undefined) return new Set()
    if (trees.length === 1) return new Set(await write(only) === 'added' ? [only.root.id] : [])
    if (writing + trees.length > maxWaiting) throw errors.overloaded()
    writing += trees.length
    const results = await inTime(queues.addTrees(trees).finally(() => { writing -= trees.length }))
    // What was stored beside it stays: the same request again finds it.
    const refused = results.find((result) => result instanceof Error)
    if (refused !== undefined) throw errors.backendUnavailable(refused)
    return new Set(trees.filter((_, i) => results[i] === 'added').map(({ root }) => root.id))
  }

  /** A repeated event gets the answer of the first, whatever the lookups say by now. */
  async function storedJobs (keys: string[]): Promise<Map<string, Accepted['jobs']>> {
    if (keys.length === 0) return new Map()
    const roots = await inTime(queues.getMany(keys.map((id) => ({ queue: EVENTS_QUEUE, id }))))
    return new Map(roots.flatMap((root) => root === undefined ? [] : [[root.id, (root.data as EventRecord).jobs.map((job): [string, string] => [job.process, job.id])]]))
  }

  const inTime = async <T>(work: Promise<T>): Promise<T> => await withTimeout(work, timeoutMs).catch((cause: unknown) => { throw errors.backendUnavailable(cause) })

  async function followOn (job: Parameters<Dispatch['followOn']>[0], events: FollowOn[]): Promise<Dispatched[]> {
    if (events.length === 0) return []
    const now = lookups()
    const room = await roomFor(job, events.length)
    const emits = now.processes.get(job.process)?.emits
    const dispatchOne = async (given: FollowOn, index: number): Promise<Dispatched> => {
      const key = followOnKey(job.id, index)
      const cause: Cause = { event: job.key, process: job.process, job: job.id, index }
      const read = readFollowOn(given, job, key, index)
      const lineage: Lineage = { root: job.lineage.root, depth: job.lineage.depth + 1, above: [...job.lineage.above, [job.event.type, job.event.subject]] }
      const dispatched: Dispatched = typeof read === 'string'
        ? { type: String(given.type), refused: read }
        : index < room
          ? await record(read, lineage, cause, now, emits)
          // Not even a record is written: it would be the flood itself.
          : { type: read.event.type, refused: `${maxFanOut} follow-on events under ${job.lineage.root} are the most` }
      if (dispatched.refused !== undefined) onRefused?.(dispatched, cause)
      return dispatched
    }
    const dispatched: Dispatched[] = []
    // In pieces, so that one job with thousands does not turn everybody else away.
    for (let start = 0; start < events.length; start += FOLLOW_ON_PIECE) {
      dispatched.push(...await Promise.all(events.slice(start, start + FOLLOW_ON_PIECE).map((given, i) => dispatchOne(given, start + i))))
    }
    return dispatched
  }

  /** How many of a job's follow-on events there is room for under its root. Those that an earlier try has written count once. */
  async function roomFor (job: { id: string, lineage: Lineage }, wanted: number): Promise<number> {
    const room = maxFanOut - await queues.countUnder(job.lineage.root)
    if (wanted <= room) return wanted
    let written = 0
    for (let start = 0; start < Math.min(wanted, maxFanOut); start += FOLLOW_ON_PIECE) {
      const keys = Array.from({ length: Math.min(FOLLOW_ON_PIECE, wanted - start) }, (_, i) => followOnKey(job.id, start + i))
      const found = await queues.getMany(keys.map((id) => ({ queue: EVENTS_QUEUE, id })))
      written += found.filter((one) => one !== undefined).length
    }
    return room + written
  }

  async function record (keyed: KeyedEvent, lineage: Lineage, cause: Cause, now: Lookups, emits: ReadonlySet<string> | undefined): Promise<Dispatched> {
    const { event, key } = keyed
    const refused = refusal(event, lineage, emits)
    const plan = makePlan(keyed, now)
    await write(toTree(keyed, refused === undefined ? plan : { ...plan, jobs: [] }, now, lineage, { cause, ...(refused === undefined ? {} : { refused }) }))
    return { type: event.type, key, ...(refused === undefined ? {} : { refused }) }
  }

  function refusal (event: DispatchEvent, { depth, above }: Lineage, emits: ReadonlySet<string> | undefined): string | undefined {
    if (emits !== undefined && !emits.has(event.type)) return `its process does not declare ${event.type} in emits`
    if (depth > maxDepth) return `depth ${depth} is more than ${maxDepth}`
    if (event.subject !== undefined && above.some(([type, subject]) => type === event.type && subject === event.subject)) return `an event ${event.type} of ${event.subject} stands above it: a loop`
    return undefined
  }

  function plan (keyed: KeyedEvent, routing?: Routing): Plan & { rules: RuleVerdict[] } {
    const now = lookups()
    return { ...planOf(keyed, now, routing), rules: explainRules(now, keyed.event) }
  }

  return { submit, submitAll, followOn, plan }
}

/** Which jobs an event starts by the lookups: each process once, for the first entry that names it. Pure. */
export function makePlan ({ event, key }: KeyedEvent, lookups: Lookups): Plan {
  const applied = matchEntries(lookups, event)
  const jobs = new Map<string, PlannedJob>()
  for (const { entry, processes, reason } of applied) {
    for (const name of processes) {
      const definition = lookups.processes.get(name)
      if (definition === undefined || jobs.has(name)) continue
      const why = reason === undefined ? `event_lookup.json lists ${name} for ${entry}` : `event_lookup.json: ${entry}: ${reason}`
      jobs.set(name, toPlannedJob({ event, key }, definition, `${why}; process_lookup.json puts ${reason === undefined ? 'it' : name} on the queue ${definition.queue}`))
    }
  }
  return { type: event.type, listed: applied.length > 0, entries: applied.map(({ entry }) => entry), lookups: lookups.hash, jobs: [...jobs.values()] }
}

/**
 * The same processes on the same queues again, whatever `event_lookup.json` says of the type by now. Pure.
 *
 * @throws ROUTING_GONE where a process is not defined any more, or a queue would give its job to the wrong workers
 */
export function makeRecordedPlan ({ event, key }: KeyedEvent, { processes, hash }: Lookups, routing: Routing): Plan {
  const jobs = routing.map(({ process: name, queue, withEvent }): PlannedJob => {
    const definition = processes.get(name)
    if (definition === undefined) throw errors.routingGone(`process ${name} is not defined any more`)
    const foreign = [...processes.values()].find((one) => 'external' in one.run && (one.name === name) !== (one.queue === queue))
    if (foreign !== undefined) throw errors.routingGone(`the queue ${foreign.queue} is served by the foreign workers of ${foreign.name} now, and ${name} was on ${queue}`)
    return { ...toPlannedJob({ event, key }, definition, `it was started on the queue ${queue} then`), queue, ...(withEvent === undefined ? {} : { withEvent }) }
  })
  return { type: event.type, listed: true, entries: [], lookups: hash, jobs }
}

function toPlannedJob ({ event, key }: Pick<KeyedEvent, 'event' | 'key'>, definition: Definition, reason: string): PlannedJob {
  const problems = definition.check(withDefaults(event, definition))
  return {
    process: definition.name,
    jobId: jobIdOf(key, definition.name),
    queue: definition.queue,
    // One that cannot run has nothing to wait for.
    gated: definition.rules !== undefined && problems.length === 0,
    reason,
    problems
  }
}

/** The plan with what else the event starts; no process twice. */
function withStarts (plan: Plan, keyed: KeyedEvent, starts: Start[], { processes }: Lookups): Plan {
  if (starts.length === 0) return plan
  const first = starts.flatMap(({ process: name, reason }): PlannedJob[] => {
    const definition = processes.get(name)
    if (definition === undefined) return []
    return [{ ...toPlannedJob(keyed, definition, reason), withEvent: true }]
  })
  const names = new Set(first.map((job) => job.process))
  return { ...plan, listed: plan.listed || first.length > 0, entries: [...plan.entries, ...names], jobs: [...first, ...plan.jobs.filter((job) => !names.has(job.process))] }
}

const addresses = ({ jobs }: Plan): Accepted['jobs'] => jobs.map((job) => [job.process, job.jobId])

function refuseProblems ({ jobs }: Plan, at = ''): void {
  const problem = jobs.flatMap((job) => job.problems.map((one) => ({ ...one, process: job.process })))[0]
  if (problem !== undefined) throw errors.invalidEvent([at, problem.field].filter((part) => part !== '').join('/'), `${problem.message} (needed by ${problem.process})`)
}

/** The event as its process sees it: the parameters of the lookup entry where its data has none. */
export function withDefaults (event: DispatchEvent, { defaults }: Pick<Definition, 'defaults'>): DispatchEvent {
  if (Object.keys(defaults).length === 0) return event
  const { data } = event
  if (data !== undefined && (typeof data !== 'object' || data === null || Array.isArray(data))) return event
  return { ...event, data: { ...defaults, ...data } }
}

function toTree ({ event, key, given }: KeyedEvent, plan: Plan, lookups: Lookups, lineage: Lineage, more: Pick<EventRecord, 'cause' | 'replays' | 'refused' | 'parent'>): Tree {
  const jobs = plan.jobs.map(({ process: name, jobId, queue, gated, withEvent }): RecordedJob => ({ process: name, id: jobId, queue, ...(gated ? { gated } : {}), ...(withEvent === undefined ? {} : { withEvent }) }))
  const record: EventRecord = { ...lineage, ...more, event, jobs, lookups: lookups.hash, received: new Date().toISOString() }
  const children = plan.jobs.map((job): NewJob => {
    const data: JobData = {
      process: job.process,
      key,
      event,
      lineage,
      ...(job.withEvent === undefined ? {} : { withEvent: job.withEvent }),
      ...(more.parent === undefined ? {} : { parent: more.parent }),
      ...(job.problems.length === 0 ? {} : { refused: job.problems.map(({ field, message }) => `${field} ${message}`).join('; ') })
    }
    return job.gated ? toGateJob(job.jobId, job.process, { ...data, attempts: lookups.processes.get(job.process)?.attempts ?? 1 }) : { queue: job.queue, id: job.jobId, name: job.process, data, options: toOptions(lookups.processes.get(job.process)) }
  })
  const marks = [...marksOf(record, lookups), ...(more.parent === undefined ? [] : [childrenOf(more.parent)])]
  return { root: { queue: EVENTS_QUEUE, id: key, name: event.type, data: record }, children, mayExist: given, ...(marks.length === 0 ? {} : { marks }) }
}

/** The job that waits at the gate of a process. It is never given up: what it waits for is told to whoever asks. */
export function toGateJob (jobId: string, processName: string, data: JobData): NewJob {
  return { queue: GATES_QUEUE, id: gateIdOf(jobId), name: processName, data, options: { attempts: GATE_ATTEMPTS, backoff: { type: 'fixed', delay: GATE_BACKOFF_MS } } }
}

export function toOptions (definition: Definition | undefined): JobOptions {
  if (definition === undefined) return {}
  const { attempts, backoff, priority } = definition
  return { attempts, ...(backoff === undefined ? {} : { backoff }), ...(priority === 0 ? {} : { priority }) }
}

/** A follow-on event bears the address of its job as its source, and its place in the result as its id. */
function readFollowOn (given: FollowOn, job: { id: string, process: string }, key: string, index: number): KeyedEvent | string {
  try {
    checkValue(given)
    const { event } = readEvent({ ...given, source: `/jobs/${job.process}/${job.id}`, id: `${index}` })
    return { event, key, given: true }
  } catch (error) {
    return (error as Error).message
  }
}
