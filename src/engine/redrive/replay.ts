import { uuidv7 } from 'uuidv7'
import { SignalboxError, errors } from '../../base/errors.ts'
import { replayKey, type KeyedEvent } from '../../base/event.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { ReplayAnswer, ReplayAs, ReplayRequest } from '../../schemas/redrive.ts'
import type { Accepted, Dispatch, SubmitOptions } from '../dispatch/dispatch.ts'
import { readEvents } from '../dispatch/facts.ts'
import type { EventDocument } from '../documents/event.ts'
import { sets } from '../documents/names.ts'
import { readPages } from '../documents/paging.ts'
import { readEventStatuses } from '../history/event-status.ts'
import { findEvents } from '../history/find.ts'

/** Events that are dispatched at once. */
const PIECE = 20

/** `source`: where an event is named by the id of its sender. `by`: who asks for it. */
type Asker = { source?: string | undefined, by?: string | undefined }

/** Which events: those named, or those of a filter. Times are milliseconds. */
export type ReplayOptions = Omit<ReplayRequest, 'since' | 'until' | 'limit' | 'id'> &
  { since?: number | undefined, until?: number | undefined, limit: number, id?: string | undefined } & Asker

export interface Replays {
  /**
   * Dispatches an event again as a new one that names the old: by the lookups of now, or to the processes and queues
   * that its record lists.
   */
  one: (id: string, options: Asker & { as: ReplayAs }) => Promise<Accepted>
  /**
   * The same for many: those of a filter the oldest first, those named in their order. The keys of the new events
   * derive from `id` and the old keys, so that the same request again makes nothing twice. Rejects where the datastore
   * fails; what was replayed until then is replayed. `known`: all of it was there already.
   */
  many: (options: ReplayOptions) => Promise<ReplayAnswer & { known: boolean }>
}

export type ReplayDependencies = { ledger: Pick<Ledger, 'get' | 'list'>, dispatch: Pick<Dispatch, 'submit' | 'plan'> }

type Skipped = ReplayAnswer['skipped'][number]
type Replayed = ReplayAnswer['replayed'][number]
type Chosen = { keys: string[], skipped: Skipped[], next: string | null }
type Old = { key: string, value: EventDocument }

export function createReplays (dependencies: ReplayDependencies): Replays {
  return { one: one.bind(null, dependencies), many: many.bind(null, dependencies) }
}

async function one (
  { ledger, dispatch }: ReplayDependencies,
  id: string,
  { source, as, by }: Parameters<Replays['one']>[1]
): Promise<Accepted> {
  const [old] = await findEvents(ledger, [id], source)
  if (old === undefined) throw errors.eventNotFound(id)
  return await dispatch.submit(copyOf(old, uuidv7(), false), optionsOf(old, as, by))
}

async function many (state: ReplayDependencies, options: ReplayOptions): Promise<ReplayAnswer & { known: boolean }> {
  const { ids, source, id = uuidv7(), dry_run: dryRun = false } = options
  const { keys, skipped, next } = ids === undefined ? await matching(state, options) : await named(state, ids, source)
  const replayed: Replayed[] = []
  let known = true
  for (let start = 0; start < keys.length; start += PIECE) {
    // Read again: events may be large, and a thousand of them are not kept in memory.
    const piece = keys.slice(start, start + PIECE)
    const found = await readEvents(state.ledger, piece)
    const results = await Promise.all(piece.map(async (key, i) => {
      const value = found[i]?.value
      return value === undefined ? unknown(key) : await again(state, { key, value }, id, options)
    }))
    for (const result of results) {
      if ('reason' in result) skipped.push(result)
      else {
        replayed.push(result.replayed)
        known &&= result.known
      }
    }
  }
  return { id, dry_run: dryRun, replayed, skipped, next, known: known && replayed.length > 0 }
}

async function named ({ ledger }: ReplayDependencies, ids: string[], source?: string): Promise<Chosen> {
  const keys = new Set<string>()
  const skipped: Skipped[] = []
  for (let start = 0; start < ids.length; start += PIECE) {
    const piece = ids.slice(start, start + PIECE)
    for (const [i, old] of (await findEvents(ledger, piece, source)).entries()) {
      if (old === undefined) skipped.push(unknown(piece[i] ?? ''))
      else keys.add(old.key)
    }
  }
  return { keys: [...keys], skipped, next: null }
}

/** Only what was submitted: a follow-on event comes again by itself, and a replay would double what it repeats. */
async function matching (
  { ledger }: ReplayDependencies,
  { type, subject, status, ...range }: ReplayOptions
): Promise<Chosen> {
  const set = subject !== undefined ? sets.subject(subject) : type !== undefined ? sets.type(type) : sets.roots
  const { items, next } = await readPages(ledger, set, range, async (members) => {
    const found = await readEvents(
      ledger,
      members.map(([, key]) => key)
    )
    const stored = found.flatMap((one, i) => one === undefined ? [] : [{ ...one, key: members[i]?.[1] ?? '' }])
    const states = status === undefined ? [] : await readEventStatuses(ledger, stored)
    const chosen = stored.filter(
      ({ value: { event, depth, replays } }, i) =>
        depth === 0 &&
        replays === undefined &&
        (type === undefined || event.type === type) &&
        (status === undefined || states[i] === status)
    )
    const keys = new Set(chosen.map(({ key }) => key))
    return members.map(([, key]) => keys.has(key) ? key : undefined)
  })
  return { keys: items.reverse(), skipped: [], next }
}

async function again (
  { dispatch }: ReplayDependencies,
  old: Old,
  id: string,
  { as = 'now', by, dry_run: dryRun = false }: ReplayOptions
): Promise<{ replayed: Replayed, known: boolean } | Skipped> {
  const keyed = copyOf(old, replayKey(id, old.key), true)
  const options = optionsOf(old, as, by)
  try {
    const { jobs, known } = dryRun ? planned(dispatch, keyed, options) : await dispatch.submit(keyed, options)
    return { replayed: { event: old.key, as: keyed.key, jobs }, known }
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.statusCode >= 500) throw error
    return { event: old.key, reason: error.message }
  }
}

/** What `submit` would answer or refuse. */
function planned (
  dispatch: Pick<Dispatch, 'plan'>,
  keyed: KeyedEvent,
  { routing }: SubmitOptions
): Pick<Accepted, 'jobs' | 'known'> {
  const plan = dispatch.plan(keyed, routing)
  if (!plan.listed) throw errors.unknownEventType(plan.type)
  for (const {
    process: processName,
    problems: [problem]
  } of plan.jobs) {
    if (problem !== undefined) {
      throw errors.invalidEvent(problem.field, `${problem.message} (needed by ${processName})`)
    }
  }
  return { known: false, jobs: plan.jobs.map((job) => [job.process, job.jobId]) }
}

const unknown = (event: string): Skipped => ({ event, reason: errors.eventNotFound(event).message })

const copyOf = ({ value: { event } }: Old, key: string, given: boolean): KeyedEvent => ({
  event: { ...event, id: key },
  key,
  given
})

function optionsOf ({ key, value: { parent, jobs } }: Old, as: ReplayAs, by: string | undefined): SubmitOptions {
  return { replays: key, parent, by, routing: as === 'then' ? jobs : undefined }
}
