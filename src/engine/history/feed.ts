import { setTimeout as sleep } from 'node:timers/promises'
import { SignalboxError, errors } from '../../base/errors.ts'
import type { EventSummary } from '../../schemas/events.ts'
import type { FeedMessage } from '../../schemas/stream.ts'
import { readEvents } from '../dispatch/facts.ts'
import { eventOfJob, sets } from '../documents/names.ts'
import { listsOf, seeEvents } from './event-filter.ts'
import { toSummary } from './event-summary.ts'
import { readStoredEvents } from './find.ts'
import type { HistoryDependencies } from './seen-tree.ts'

/** At most two looks a second, and fewer where nothing changes. */
const POLL_FIRST_MS = 500
const POLL_MAX_MS = 2000
const POLL_GROWTH = 1.3
const HEARTBEAT_MS = 15_000
/** Submitted events that a look reads: the newest, those that have just ended or failed, those that are open. */
const NEWEST = 50
const ENDED = 200
const MOST_OPEN = 200
/** Clocks differ, and a commit takes its time: what is that old is looked for again. */
const OVERLAP_MS = 5000

/** The submitted events, live: for whoever looks at all of them. */
export interface Feed {
  /**
   * The newest first, then each that is new or has changed; an empty list is a sign of life.
   *
   * @throws TOO_MANY_STREAMS
   */
  open: (signal: AbortSignal) => Promise<AsyncGenerator<FeedMessage[], void, undefined>>
}

type Client = { waiting: Map<string, EventSummary>, wake: () => void }
type Dependencies = Pick<HistoryDependencies, 'ledger' | 'now'> & { maxClients: number }
type State = Dependencies & {
  clients: Set<Client>
  /** What was told last of those that are watched. */
  known: Map<string, { summary: EventSummary, text: string }>
  lookedAt: number
  isPolling: boolean
}

export function createFeed (dependencies: Dependencies): Feed {
  const state: State = { ...dependencies, clients: new Set(), known: new Map(), lookedAt: 0, isPolling: false }
  return { open: open.bind(null, state) }
}

async function open (state: State, signal: AbortSignal): Promise<AsyncGenerator<FeedMessage[], void, undefined>> {
  if (state.clients.size >= state.maxClients) throw errors.tooManyStreams(state.maxClients)
  const client: Client = { waiting: new Map(), wake: () => {} }
  state.clients.add(client)
  const leave = (): void => { state.clients.delete(client) }
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  try {
    const items = await readNewest(state)
    if (!state.isPolling) void poll(state)
    return messages(client, items, signal)
  } catch (error) {
    leave()
    throw error
  }
}

async function * messages (
  client: Client,
  items: EventSummary[],
  signal: AbortSignal
): AsyncGenerator<FeedMessage[], void, undefined> {
  yield [{ event: 'snapshot', data: { items } }]
  while (!signal.aborted) {
    if (client.waiting.size === 0) await untilWoken(client, signal)
    if (signal.aborted) return
    const changed = [...client.waiting.values()]
    client.waiting.clear()
    yield changed.map((data): FeedMessage => ({ event: 'event', data }))
  }
}

async function untilWoken (client: Client, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      client.wake = () => {}
      resolve()
    }
    const timer = setTimeout(done, HEARTBEAT_MS)
    client.wake = done
    signal.addEventListener('abort', done)
  })
}

async function readNewest ({ ledger }: State): Promise<EventSummary[]> {
  const members = await ledger.list(sets.roots, { reverse: true, limit: NEWEST })
  return await summaries(ledger, members.map(([, key]) => key))
}

async function summaries (ledger: State['ledger'], keys: string[]): Promise<EventSummary[]> {
  const seen = await seeEvents(ledger, await readStoredEvents(ledger, keys), {})
  return seen.filter((one) => one !== undefined).map(toSummary)
}

/** One look for all who listen, as long as somebody does. */
async function poll (state: State): Promise<void> {
  state.isPolling = true
  state.lookedAt = state.now()
  for (let pauseMs = POLL_FIRST_MS; state.clients.size > 0;) {
    await sleep(pauseMs)
    const changed = await look(state).catch((error: unknown) => {
      if (error instanceof SignalboxError && error.statusCode < 500) throw error
      return []
    })
    pauseMs = changed.length === 0 ? Math.min(pauseMs * POLL_GROWTH, POLL_MAX_MS) : POLL_FIRST_MS
    for (const client of state.clients) {
      for (const summary of changed) client.waiting.set(summary.id, summary)
      if (changed.length > 0) client.wake()
    }
  }
  state.isPolling = false
  state.known.clear()
}

/** The submitted events that are new or tell something else than before. */
async function look (state: State): Promise<EventSummary[]> {
  const { ledger, known } = state
  const at = state.now()
  const since = state.lookedAt - OVERLAP_MS
  const [newest, ended, failed, open] = await Promise.all([
    ledger.list(sets.roots, { reverse: true, limit: NEWEST }),
    ledger.list(sets.ended, { min: since, reverse: true, limit: ENDED }),
    ledger.list(sets.failed, { min: since, reverse: true, limit: ENDED }),
    ledger.list(listsOf({ treeStatus: 'incomplete' })[0] ?? '', { reverse: true, limit: MOST_OPEN })
  ])
  const events = [...new Set([...failed.map(([, job]) => eventOfJob(job)), ...open.map(([, key]) => key)])]
  const roots = (await readEvents(ledger, events)).flatMap((one) => one?.value.root ?? [])
  const keys = [...new Set([...newest.map(([, key]) => key), ...ended.map(([, key]) => key), ...roots])]
  const told = await summaries(ledger, keys)
  state.lookedAt = at
  const isFirst = known.size === 0
  const changed = told.filter((summary) => known.get(summary.id)?.text !== JSON.stringify(summary))
  // What was told before stays known while it is read; others are forgotten.
  const texts = told.map((summary) => [summary.id, { summary, text: JSON.stringify(summary) }] as const)
  state.known = new Map(texts)
  return isFirst ? changed.filter(({ received }) => Date.parse(received) >= since) : changed
}
