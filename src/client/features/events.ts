import { uuidv7 } from 'uuidv7'
import type { EventSummary, EventTree, HistoryRecord } from '../../schemas/events.ts'
import type { CancelAnswer, ReplayAnswer, ReplayAs, RetryAnswer } from '../../schemas/redrive.ts'
import type { FeedMessage, StreamMessage } from '../../schemas/stream.ts'
import type { Dispatch, Page } from '../answers.ts'
import type { Calls } from '../calls.ts'
import type { Call } from '../exchange.ts'
import { follow, type FollowOptions } from '../follow.ts'
import { JSON_LINES, readJsonLines } from '../json-lines.ts'
import { createListen } from '../listen.ts'
import type { Cursor, EventFilter, ReplayFilter, Signal, Source } from '../requests.ts'
import { readFeed, readStream } from '../stream.ts'
import { BULK_MS } from './jobs.ts'
import { pages, toInstant } from './pages.ts'
import { toDispatch } from './submit.ts'

const FIRST_LINE_MS = 30_000

export const events = (calls: Calls, retries: number) => {
  const { ask, send, open } = calls
  const listen = createListen()

  /**
   * One page, newest first unless asked otherwise; `events` goes through all. `q`: what the id, or the id that the
   * sender gave, begins with; or the subject.
   */
  async function listEvents ({ limit, cursor, q, ...filter }: EventFilter & Cursor & { q?: string | undefined } = {}):
  Promise<Page<EventSummary>> {
    return await ask('listEvents', { query: { ...toQuery(filter), q, limit, cursor } })
  }

  /**
   * An event by its key, or by the id (and source) that its sender gave it, with all that came of it; or with `depth`
   * levels of that, and at most `limit` events.
   */
  async function getEvent (
    id: string,
    { source, depth, limit, signal }: Source & Signal & { depth?: number, limit?: number } = {}
  ): Promise<EventTree> {
    return await ask('getEvent', { in: [id], query: { source, depth, limit }, signal })
  }

  /**
   * An event and what comes of it, live: a `snapshot` of the tree, `event` and `job` for each change, and `end` when
   * all has ended; then it is over. A stream that breaks is taken up again, with a new snapshot where something was
   * missed. Rejects with `TOO_MANY_STREAMS` where the service has no room for it.
   */
  function stream (
    id: string,
    { source, signal }: Source & Signal = {}
  ): AsyncGenerator<StreamMessage, void, undefined> {
    return readStream(calls, { in: [id], query: { source }, signal }, { retries, firstRetries: retries })
  }

  return {
    listEvents,

    /**
     * All submitted events, live: a `snapshot` of the newest, then each that is new or has changed. It has no end; one
     * that breaks is taken up again, with a new snapshot.
     */
    watchEvents ({ signal }: Signal = {}): AsyncGenerator<FeedMessage, void, undefined> {
      return readFeed(calls, { signal }, { retries, firstRetries: retries })
    },

    getEvent,
    stream,

    /** All events, newest first unless asked otherwise. `limit` is the length of a page. */
    events (filter: EventFilter = {}): AsyncGenerator<EventSummary, void, undefined> {
      return pages((cursor) => listEvents({ ...filter, cursor }))
    },

    /**
     * Events and the ends of their jobs, one record after the other, oldest first unless asked
     * otherwise. What breaks off rejects.
     */
    async * history ({ order = 'asc', ...filter }: Omit<EventFilter, 'limit'> = {}): AsyncGenerator<
      HistoryRecord,
      void,
      undefined
    > {
      const query = toQuery({ ...filter, order })
      const answer = await open(
        'listEvents',
        { query },
        { headers: { accept: JSON_LINES }, timeoutMs: FIRST_LINE_MS }
      )
      yield * readJsonLines<HistoryRecord>(answer)
    },

    /** Runs all failed jobs of an event and of what followed from it again. */
    async retryEvent (id: string, { source, dryRun }: Source & { dryRun?: boolean } = {}): Promise<RetryAnswer> {
      return await ask('retryEvent', { in: [id], query: { source, dry_run: dryRun }, waitMs: BULK_MS })
    },

    /** Cancels all jobs of an event and of what followed from it that have not ended. */
    async cancelEvent (id: string, { source, dryRun }: Source & { dryRun?: boolean } = {}): Promise<CancelAnswer> {
      return await ask('cancelEvent', { in: [id], query: { source, dry_run: dryRun }, waitMs: BULK_MS })
    },

    /** Dispatches an event again, as a new one: by the lookups of now, or to the processes and queues of then. */
    async replayEvent (id: string, { source, as }: Source & { as?: ReplayAs | undefined } = {}): Promise<Dispatch> {
      return toDispatch(await send('replayEvent', { in: [id], query: { source, as } }))
    },

    /**
     * Dispatches many events again; at most `limit`, and `next` is the `cursor` with which to go on.
     * The same `id` again makes nothing twice; one that is made here covers the attempts of this call.
     */
    async replayEvents ({ since, until, id = uuidv7(), ...filter }: ReplayFilter & Cursor): Promise<ReplayAnswer> {
      const body = { ...filter, since: toInstant(since), until: toInstant(until), id }
      return await ask('replayEvents', { body, waitMs: BULK_MS })
    },

    /**
     * Resolves when all jobs of the event and of what followed from it have ended, or as it is after `timeoutMs`: see
     * `tree_status`. Listens to the stream of the event; asks again and again where there is none.
     */
    async waitForEvent (
      id: string,
      { source, ...options }: FollowOptions<EventTree> & Source = {}
    ): Promise<EventTree> {
      const { signal } = options
      const openStream = (until: AbortSignal) =>
        readStream(calls, { in: [id], query: { source }, signal: until }, { retries, firstRetries: 0 })
      return await follow(
        {
          ask: () => getEvent(id, { source, signal }),
          isEnd: ({ tree_status: status }) => status !== 'incomplete',
          listen: (late) => listen(openStream, late, options)
        },
        options
      )
    }
  }
}

function toQuery ({ treeStatus, rootsOnly, since, until, ...filter }: Omit<EventFilter, 'limit'>): Call['query'] {
  return {
    ...filter,
    tree_status: treeStatus,
    roots_only: rootsOnly,
    since: toInstant(since),
    until: toInstant(until)
  }
}
