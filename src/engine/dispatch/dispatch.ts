import { createBatch } from '../../base/batch.ts'
import { SignalboxError, errors } from '../../base/errors.ts'
import { checkValue, followOnKey, readEvent, type DispatchEvent, type FollowOn, type KeyedEvent } from '../../base/event.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { explainRules, type RuleVerdict } from '../lookups/matching.ts'
import { makePlan, makeRecordedPlan, refuseProblems, withStarts, type Plan, type Routing, type Start } from './plan.ts'
import { EVENTS_QUEUE, type Queues, type Tree } from '../../queues/contract.ts'
import { withTimeout } from '../../queues/timeout.ts'
import type { Cause, Dispatched, EventRecord, Lineage } from '../record.ts'
import { toTree } from './event-flow.ts'

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
  /** Told of the jobs of an event that somebody submitted, once they are stored. */
  onSubmitted?: (jobs: Accepted['jobs']) => void
  onRefused?: (refused: Dispatched, cause: Cause) => void
}

/** Follow-on events of one job that are written at once. */
const FOLLOW_ON_PIECE = 100

/** The one place where an event becomes work. */
export function createDispatch ({ lookups, starts = () => [], queues, timeoutMs, batchSize, batches, maxWaiting, maxDepth, maxFanOut, onSubmitted, onRefused }: Dependencies): Dispatch {
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
    if (!known) onSubmitted?.(addresses(plan))
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
    for (const key of added) onSubmitted?.(addresses(plans.get(key) as Plan))
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

const addresses = ({ jobs }: Plan): Accepted['jobs'] => jobs.map((job) => [job.process, job.jobId])

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
