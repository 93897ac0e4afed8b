import { checkValue, followOnKey, readEvent, type DispatchEvent, type FollowOn } from '../../base/event.ts'
import type { Draft } from '../documents/draft.ts'
import type { EventDocument, EventJob } from '../documents/event.ts'
import { roundId } from '../documents/names.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Cause, Dispatched } from '../record.ts'
import { accepting } from './accepting.ts'
import type { Limits, Notices } from './core.ts'
import { makePlan } from './plan.ts'

/** A job that has completed. */
export type Producer = { key: string, event: EventDocument, job: EventJob, round: number }

export type Following = {
  lookups: Lookups
  limits: Limits
  notices: Notices
  now: number
  /** How many follow-on events there are under the root. */
  known: number
  /** What the spans of a follow-on event belong to; `many` of them do not go on with the trace of their job. */
  traceOf?: ((key: string, many: boolean) => string | undefined) | undefined
}

/** More follow-on events than that begin a trace each, which links back: no trace grows without end. */
export const MOST_IN_ONE = 20

/**
 * The follow-on events of an outcome, with all that belongs to them. Answers what became of each, in their order. Pure.
 */
export function following (
  draft: Draft,
  producer: Producer,
  events: FollowOn[],
  { lookups, limits, notices, now, known, traceOf = () => undefined }: Following
): Dispatched[] {
  const { key: causing, event: { event, at, root, rootAt = at, depth, above }, job, round } = producer
  const room = limits.maxFanOut - known
  const emits = lookups.processes.get(job.process)?.emits
  const lineage = { root, rootAt, depth: depth + 1, above: [...above, { type: event.type, subject: event.subject }] }
  return events.map((given, index): Dispatched => {
    const key = followOnKey(roundId(job.id, round), index)
    const read = readFollowOn(given, job, round, index)
    if (typeof read === 'string') return { type: String(given.type), refused: read }
    // Not even a record is written: it would be the flood itself.
    if (index >= room) {
      return { type: read.type, refused: `${limits.maxFanOut} follow-on events under ${root} are the most` }
    }
    const cause: Cause = { event: causing, process: job.process, job: job.id, index }
    const refused = refusal(read, lineage, limits, emits)
    const plan = makePlan({ event: read, key, given: true }, lookups)
    accepting(
      draft,
      {
        key,
        event: read,
        at: now,
        plan: refused === undefined ? plan : { ...plan, jobs: [] },
        ...lineage,
        cause,
        refused,
        trace: traceOf(key, events.length > MOST_IN_ONE) ?? producer.event.trace
      },
      lookups,
      notices
    )
    return { type: read.type, key, refused }
  })
}

function refusal (
  event: DispatchEvent,
  { depth, above }: Pick<EventDocument, 'depth' | 'above'>,
  { maxDepth }: Limits,
  emits: ReadonlySet<string> | undefined
): string | undefined {
  if (emits !== undefined && !emits.has(event.type)) return `its process does not declare ${event.type} in emits`
  if (depth > maxDepth) return `depth ${depth} is more than ${maxDepth}`
  const { subject } = event
  if (subject !== undefined && above.some((one) => one.type === event.type && one.subject === subject)) {
    return `an event ${event.type} of ${subject} stands above it: a loop`
  }
  return undefined
}

/** A follow-on event bears the address of its job as its source, and its place in the result as its id. */
function readFollowOn (given: FollowOn, job: EventJob, round: number, index: number): DispatchEvent | string {
  try {
    checkValue(given)
    return readEvent({
      ...given,
      source: `/jobs/${job.process}/${job.id}`,
      id: round === 0 ? `${index}` : `${round}.${index}`
    }).event
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
