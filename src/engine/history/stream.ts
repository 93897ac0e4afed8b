import { setTimeout as sleep } from 'node:timers/promises'
import { timerMs } from '../../base/deadline.ts'
import { SignalboxError, errors } from '../../base/errors.ts'
import type { History } from './history.ts'
import type { StreamMessage } from '../../schemas/stream.ts'
import { changesBetween, hasTreeEnded, toTreeState, type TreeState } from './tree-state.ts'
import { createTurns } from '../../base/turns.ts'

/** How often a tree is looked at: while it changes, and at least. */
const POLL_FIRST_MS = 200
const POLL_MAX_MS = 2000
const POLL_GROWTH = 1.5

/**
 * Messages that belong together. `version` names what a client knows when it has them all; none of them: nothing new.
 */
export type Update = { version: string, messages: StreamMessage[] }

export type Updates = AsyncGenerator<Update, void, undefined>

export type StreamFrom = { source?: string | undefined, lastId?: string | undefined, signal: AbortSignal }

export interface Streams {
  /**
   * Follows an event: the whole tree first (unless `lastId`, the version that the client knows, is that of now), then
   * every change, then its end. Answers undefined where the client knows the end already. It is over when `signal`
   * aborts, which whoever opens it sees to.
   *
   * @throws EVENT_NOT_FOUND, TOO_MANY_STREAMS
   */
  open: (id: string, from: StreamFrom) => Promise<Updates | undefined>
}

type Dependencies = { tree: History['tree'], maxStreams: number, heartbeatMs: number }

/** One event that is looked at for all who follow it. */
type Watched = { state: TreeState, isOver: boolean, users: number, idle: AbortController, wake: Set<() => void> }

export function createStreams ({ tree, maxStreams, heartbeatMs }: Dependencies): Streams {
  const watched = new Map<string, Watched>()
  const turns = createTurns()
  let open = 0

  async function openStream (id: string, { source, lastId, signal }: StreamFrom): Promise<Updates | undefined> {
    if (open >= maxStreams) throw errors.tooManyStreams(maxStreams)
    open++
    const leave = new AbortController()
    whenAborted(signal, () => {
      open--
      leave.abort()
    })
    const one = await join(id, source)
    whenAborted(leave.signal, () => { if (--one.users === 0) one.idle.abort() })
    return lastId === endOf(one.state) && hasTreeEnded(one.state) ? undefined : updates(one, lastId, signal)
  }

  /**
   * Who comes to an event that is looked at already costs the datastore nothing. Counts the user
   * before it lets anybody else run.
   */
  async function join (id: string, source: string | undefined): Promise<Watched> {
    const known = watched.get(id)
    const state = known?.state ?? toTreeState(await tree(id, source))
    const key = state.tree.id
    const one = watched.get(key) ?? { state, isOver: false, users: 0, idle: new AbortController(), wake: new Set() }
    one.users++
    if (!watched.has(key) && !hasTreeEnded(state)) void watch(key, one)
    return one
  }

  async function watch (key: string, one: Watched): Promise<void> {
    watched.set(key, one)
    const forget = (): void => { if (watched.get(key) === one) watched.delete(key) }
    whenAborted(one.idle.signal, forget)
    await poll(key, one).finally(forget)
  }

  async function poll (key: string, one: Watched): Promise<void> {
    for (let pauseMs = POLL_FIRST_MS; !one.isOver && !hasTreeEnded(one.state);) {
      await sleep(pauseMs, undefined, { signal: one.idle.signal }).catch(() => {})
      if (one.idle.signal.aborted) return
      const state = await turns.take(() => look(key, one))
      const isSame = state === undefined || state.version === one.state.version
      pauseMs = isSame ? Math.min(pauseMs * POLL_GROWTH, POLL_MAX_MS) : POLL_FIRST_MS
      if (state !== undefined && state.version !== one.state.version) one.state = state
      else if (!one.isOver) continue
      for (const wake of one.wake) wake()
    }
  }

  /** A datastore that is away for a while ends no stream; an event that was removed does. */
  async function look (key: string, one: Watched): Promise<TreeState | undefined> {
    try {
      return toTreeState(await tree(key))
    } catch (error) {
      one.isOver = !(error instanceof SignalboxError) || error.statusCode < 500
      return undefined
    }
  }

  async function * updates (one: Watched, lastId: string | undefined, signal: AbortSignal): Updates {
    let seen = one.state
    if (lastId !== seen.version) yield { version: seen.version, messages: [{ event: 'snapshot', data: seen.tree }] }
    while (!hasTreeEnded(seen)) {
      // A client that is slow to read misses the steps between, never the last.
      if (one.state === seen) await untilWoken(one, heartbeatMs, signal)
      if (signal.aborted || one.isOver) return
      const messages = changesBetween(seen, one.state)
      seen = one.state
      yield { version: seen.version, messages }
    }
    const { id, tree_status: status } = seen.tree
    yield { version: endOf(seen), messages: [{ event: 'end', data: { id, tree_status: status } }] }
  }

  return { open: openStream }
}

const endOf = ({ version }: TreeState): string => `${version}.end`

function whenAborted (signal: AbortSignal, run: () => void): void {
  if (signal.aborted) run()
  else signal.addEventListener('abort', run, { once: true })
}

async function untilWoken ({ wake }: Watched, ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      wake.delete(done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, timerMs(ms))
    wake.add(done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
