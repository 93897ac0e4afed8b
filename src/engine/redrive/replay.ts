import { uuidv7 } from 'uuidv7'
import type { Accepted, Dispatch } from '../dispatch/dispatch.ts'
import type { Routing } from '../dispatch/plan.ts'
import { SignalboxError, errors } from '../../base/errors.ts'
import { replayKey, type KeyedEvent } from '../../base/event.ts'
import { findEvents, statusOfEvent } from '../history/history.ts'
import { readMatching } from './read-matching.ts'
import { EVENTS_QUEUE, type Queues, type StoredJob } from '../../queues/contract.ts'
import type { EventRecord } from '../record.ts'
import type { ReplayAs, ReplayAnswer, ReplayRequest } from '../../schemas/redrive.ts'

/** Events that are dispatched at once. */
const PIECE = 20

/** Which events: those named, or those of a filter. Times are milliseconds. */
export type ReplayOptions = Omit<ReplayRequest, 'since' | 'until' | 'limit' | 'id'> & {
  since?: number | undefined
  until?: number | undefined
  limit: number
  id?: string | undefined
}

export interface Replays {
  /**
   * Dispatches an event again as a new one that names the old: by the lookups of now, or to the processes and queues
   * that its record lists.
   */
  one: (id: string, options: { source?: string | undefined, as: ReplayAs }) => Promise<Accepted>
  /**
   * The same for many: those of a filter the oldest first, those named in their order. The keys of the new events
   * derive from `id` and the old keys, so that the same request again makes nothing twice. Rejects where the datastore
   * fails; what was replayed until then is replayed.
   */
  many: (options: ReplayOptions) => Promise<ReplayAnswer>
}

type Dependencies = { queues: Pick<Queues, 'getMany' | 'list'>, dispatch: Pick<Dispatch, 'submit' | 'plan'> }
type Skipped = ReplayAnswer['skipped'][number]
type Chosen = { keys: string[], skipped: Skipped[], next: string | null }

export function createReplays ({ queues, dispatch }: Dependencies): Replays {
  async function one (id: string, { source, as }: Parameters<Replays['one']>[1]): Promise<Accepted> {
    const [old] = await findEvents(queues, [id], source)
    if (old === undefined) throw errors.eventNotFound(id)
    return await dispatch.submit(copyOf(old, uuidv7(), false), optionsOf(old, as))
  }

  async function many (options: ReplayOptions): Promise<ReplayAnswer> {
    const { ids, id = uuidv7(), as = 'now', dry_run: dryRun = false } = options
    const { keys, skipped, next } = ids === undefined ? await matching(options) : await named(ids)
    const replayed: ReplayAnswer['replayed'] = []
    for (let start = 0; start < keys.length; start += PIECE) {
      // Read again: events may be large, and a thousand of them are not kept in memory.
      const piece = keys.slice(start, start + PIECE)
      const found = await queues.getMany(piece.map((key) => ({ queue: EVENTS_QUEUE, id: key })))
      for (const result of await Promise.all(
        found.map(async (old, i) => old === undefined ? unknown(piece[i] ?? '') : await again(old, id, as, dryRun))
      )) {
        if ('reason' in result) skipped.push(result)
        else replayed.push(result)
      }
    }
    return { id, dry_run: dryRun, replayed, skipped, next }
  }

  async function named (ids: string[]): Promise<Chosen> {
    const keys = new Set<string>()
    const skipped: Skipped[] = []
    for (let start = 0; start < ids.length; start += PIECE) {
      const piece = ids.slice(start, start + PIECE)
      for (const [i, old] of (await findEvents(queues, piece)).entries()) {
        if (old === undefined) skipped.push(unknown(piece[i] ?? ''))
        else keys.add(old.id)
      }
    }
    return { keys: [...keys], skipped, next: null }
  }

  /** Only what was submitted: a follow-on event comes again by itself, and a replay would double what it repeats. */
  async function matching ({ type, subject, status, since, until, limit, cursor }: ReplayOptions): Promise<Chosen> {
    const filter = {
      kind: 'events' as const,
      ...(type === undefined ? {} : { type }),
      ...(subject === undefined ? {} : { subject })
    }
    const pick = (node: StoredJob): string | undefined => {
      const { depth, replays } = node.data as EventRecord
      return depth === 0 && replays === undefined && (status === undefined || statusOfEvent(node) === status)
        ? node.id
        : undefined
    }
    const { items, next } = await readMatching((range) => queues.list(filter, range), pick, {
      limit, cursor, since, until
    })
    return { keys: items.reverse(), skipped: [], next }
  }

  async function again (
    old: StoredJob,
    id: string,
    as: ReplayAs,
    dryRun: boolean
  ): Promise<ReplayAnswer['replayed'][number] | Skipped> {
    const keyed = copyOf(old, replayKey(id, old.id), true)
    const options = optionsOf(old, as)
    try {
      const { jobs } = dryRun ? planned(keyed, options) : await dispatch.submit(keyed, options)
      return { event: old.id, as: keyed.key, jobs }
    } catch (error) {
      if (!(error instanceof SignalboxError) || error.statusCode >= 500) throw error
      return { event: old.id, reason: error.message }
    }
  }

  /** What `submit` would answer or refuse. */
  function planned (keyed: KeyedEvent, { routing }: ReturnType<typeof optionsOf>): Pick<Accepted, 'jobs'> {
    const plan = dispatch.plan(keyed, routing)
    if (!plan.listed) throw errors.unknownEventType(plan.type)
    for (const { process: processName, problems: [problem] } of plan.jobs) {
      if (problem !== undefined) {
        throw errors.invalidEvent(problem.field, `${problem.message} (needed by ${processName})`)
      }
    }
    return { jobs: plan.jobs.map((job) => [job.process, job.jobId]) }
  }

  return { one, many }
}

const unknown = (event: string): Skipped => ({ event, reason: errors.eventNotFound(event).message })

const copyOf = (old: StoredJob, key: string, given: boolean): KeyedEvent => ({
  event: { ...(old.data as EventRecord).event, id: key },
  key,
  given
})

function optionsOf (
  old: StoredJob,
  as: ReplayAs
): { replays: string, parent: string | undefined, routing: Routing | undefined } {
  const { parent, jobs } = old.data as EventRecord
  return { replays: old.id, parent, routing: as === 'then' ? jobs : undefined }
}
