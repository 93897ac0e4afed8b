import { errors, unavailable } from '../../base/errors.ts'
import type { KeyedEvent } from '../../base/event.ts'
import { noTracer, readTraceparent, type Tracer } from '../../base/trace.ts'
import type { Ledger } from '../../ledger/contract.ts'
import { withTimeout } from '../../base/timeout.ts'
import type { EventDocument } from '../documents/event.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { explainRules, type RuleVerdict } from '../lookups/matching.ts'
import { differingField, type Taken } from './accept.ts'
import type { Acceptance } from './accepting.ts'
import { readEvents } from './facts.ts'
import {
  makePlan, makeRecordedPlan, refuseProblems, withStarts, type Plan, type PlannedJob, type Routing, type Start
} from './plan.ts'

/**
 * `parent`: the job that the sender named. `by`: the name of the sender's key. `at`: where the event stands in the
 * request, for the paths of errors.
 */
export type Submitted = { keyed: KeyedEvent, parent?: string | undefined, by?: string | undefined, at?: string }

/** `entry` is the first entry of event_lookup.json that applied, or the first process that was started without one. */
export type Accepted = { key: string, jobs: Array<[process: string, jobId: string]>, known: boolean, entry: string }

/**
 * A plan, what came of every entry with a `match`, the jobs of the first time where the event is
 * known, and what gates would do.
 */
export type Explained = Plan & { rules: RuleVerdict[], known: Accepted['jobs'] | undefined, gates: Map<string, string> }

export type SubmitOptions = {
  replays?: string | undefined
  routing?: Routing | undefined
  parent?: string | undefined
  by?: string | undefined
}

export interface Dispatch {
  /**
   * Takes an event from outside. Rejects with a 4xx error and leaves nothing behind, or with 503.
   *
   * @throws EVENT_ID_CONFLICT where another event has this id and source
   */
  submit: (keyed: KeyedEvent, options?: SubmitOptions) => Promise<Accepted>
  /**
   * Takes several events from outside: all are checked before any is written. One that starts
   * nothing and was never taken is not kept: undefined.
   */
  submitAll: (all: Submitted[]) => Promise<Array<Accepted | undefined>>
  /** What an event would start. By `routing`, where it is given, instead of the lookups. */
  plan: (keyed: KeyedEvent, routing?: Routing) => Plan
  /** The same with all that a dry run tells. */
  explain: (keyed: KeyedEvent) => Promise<Explained>
}

export type DispatchDependencies = {
  verbs: { accept: (acceptance: Omit<Acceptance, 'at'>) => Promise<Taken> }
  ledger: Pick<Ledger, 'get'>
  lookups: () => Lookups
  /** What the gate of a job would do with it; undefined where its process has none. */
  foretell: (keyed: KeyedEvent, planned: PlannedJob) => Promise<string | undefined>
  /** What else an event starts, before the processes of the lookups. */
  starts?: ((event: KeyedEvent['event']) => Start[]) | undefined
  tracer?: Tracer | undefined
  timeoutMs: number
  /** Events that may wait in memory for the datastore; one more is turned away. */
  maxWaiting: number
  /** Why nothing new is taken at this time. */
  closed?: (() => string | undefined) | undefined
  /** Told of the jobs of an event that somebody submitted, once they are stored. */
  onSubmitted?: ((jobs: Accepted['jobs']) => void) | undefined
}

type State = DispatchDependencies & { waiting: number }

/** The one place where an event from outside becomes work. */
export function createDispatch (dependencies: DispatchDependencies): Dispatch {
  const state: State = { ...dependencies, waiting: 0 }
  return {
    submit: submit.bind(null, state),
    submitAll: submitAll.bind(null, state),
    plan: (keyed, routing) => planOf(state, keyed, routing),
    explain: explain.bind(null, state)
  }
}

function planOf ({ lookups, starts = () => [] }: State, keyed: KeyedEvent, routing?: Routing): Plan {
  const now = lookups()
  if (routing !== undefined) return makeRecordedPlan(keyed, now, routing)
  return withStarts(makePlan(keyed, now), keyed, starts(keyed.event), now)
}

async function submit (
  state: State,
  keyed: KeyedEvent,
  { replays, routing, parent, by }: SubmitOptions = {}
): Promise<Accepted> {
  const plan = planOf(state, keyed, routing)
  if (!plan.listed) throw errors.unknownEventType(keyed.event.type)
  refuseProblems(plan)
  return await take(state, keyed, plan, { replays, parent, by })
}

async function submitAll (state: State, all: Submitted[]): Promise<Array<Accepted | undefined>> {
  const plans = new Map<string, Plan>()
  // Copies in one request are one event.
  const single = all.filter(({ keyed: { key } }, i) => all.findIndex((one) => one.keyed.key === key) === i)
  for (const { keyed, at = '' } of single) {
    const plan = planOf(state, keyed)
    refuseProblems(plan, at)
    plans.set(keyed.key, plan)
  }
  const known = await readKnown(state, all)
  const taken = new Map(
    await Promise.all(
      single.map(async ({ keyed, parent, by }): Promise<[string, Accepted | undefined]> => {
        const plan = plans.get(keyed.key)
        const stored = known.get(keyed.key)
        if (stored !== undefined) return [keyed.key, answerOf(keyed.key, stored, true, plan)]
        return [keyed.key, plan?.listed === true ? await take(state, keyed, plan, { parent, by }) : undefined]
      })
    )
  )
  return all.map(({ keyed: { key } }) => taken.get(key))
}

/**
 * Those of a request that are there already. @throws EVENT_ID_CONFLICT where one is another than the one that is there
 */
async function readKnown (state: State, all: Submitted[]): Promise<Map<string, EventDocument>> {
  const given = all.filter(({ keyed }) => keyed.given)
  const found =
    given.length === 0
      ? []
      : await inTime(
        state,
        readEvents(
          state.ledger,
          given.map(({ keyed }) => keyed.key)
        )
      )
  const known = new Map<string, EventDocument>()
  for (const [i, { keyed, at = '' }] of given.entries()) {
    const document = found[i]?.value
    if (document === undefined) continue
    refuseOther(document, keyed, at)
    known.set(keyed.key, document)
  }
  return known
}

function refuseOther ({ event }: EventDocument, keyed: KeyedEvent, at = ''): void {
  const field = differingField(event, keyed.event)
  if (field === undefined) return
  throw errors.eventIdConflict(at === '' ? field : `${at}/${field}`, keyed.event)
}

async function take (
  state: State,
  keyed: KeyedEvent,
  plan: Plan,
  { replays, parent, by }: SubmitOptions
): Promise<Accepted> {
  const { key, event, given } = keyed
  const { tracer = noTracer } = state
  const closed = state.closed?.()
  if (closed !== undefined) throw errors.datastoreFull(closed)
  if (state.waiting >= state.maxWaiting) throw errors.overloaded()
  state.waiting++
  const span = tracer.span({
    name: `accept ${plan.entries[0] ?? 'event'}`,
    kind: 'server',
    parent: readTraceparent(event['traceparent']),
    attributes: { 'signalbox.event': key, 'signalbox.event.type': event.type, 'signalbox.jobs': plan.jobs.length }
  })
  const trace = span.traceparent
  const top = { root: key, depth: 0, above: [] }
  const accepting = state.verbs.accept({ key, event, plan, ...top, replays, parent, by, trace })
  const { document, known } = await inTime(
    state,
    accepting.finally(() => {
      state.waiting--
    })
  ).catch((error: unknown) => {
    span.end({ error: (error as Error).message })
    throw error
  })
  span.end({ attributes: { 'signalbox.repeated': known && given } })
  if (known) refuseOther(document, keyed)
  // An id that was made for this event is sent again by the client itself, after an answer that was lost.
  const answer = answerOf(key, document, known && given, plan)
  if (!answer.known) state.onSubmitted?.(answer.jobs)
  return answer
}

function answerOf (key: string, { jobs }: EventDocument, known: boolean, plan: Plan | undefined): Accepted {
  return { key, known, entry: plan?.entries[0] ?? '', jobs: jobs.map((job) => [job.process, job.id]) }
}

async function inTime<T> ({ timeoutMs }: State, work: Promise<T>): Promise<T> {
  try {
    return await withTimeout(work, timeoutMs)
  } catch (error) {
    throw unavailable(error)
  }
}

async function explain (state: State, keyed: KeyedEvent): Promise<Explained> {
  const plan = planOf(state, keyed)
  const known = (await readKnown(state, [{ keyed }])).get(keyed.key)
  const gates = new Map<string, string>()
  for (const job of plan.jobs) {
    const words = job.gated ? await inTime(state, state.foretell(keyed, job)) : undefined
    if (words !== undefined) gates.set(job.process, words)
  }
  const rules = explainRules(state.lookups(), keyed.event)
  return { ...plan, rules, known: known?.jobs.map((job) => [job.process, job.id]), gates }
}
