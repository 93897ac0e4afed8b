import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelModel, ConfirmChannel } from 'amqplib'
import type { Logger } from 'pino'
import { requireOptional } from '../../base/optional.ts'
import { doubling, retry, type Failed } from '../../base/retry.ts'
import { createBuffer, type MessageBuffer } from './buffer.ts'
import type { Message } from './report.ts'

const MAX_BYTES = 32 * 1024 * 1024
/** Messages that the broker may owe a confirmation. */
const MAX_UNCONFIRMED = 200
const CONNECT_MS = 5000
const HEARTBEAT_S = 10
const CLOSE_MS = 1000
const RETRY_FIRST_MS = 200
const RETRY_MAX_MS = 15_000
const PROPERTIES = { persistent: true, contentType: 'application/json', contentEncoding: 'utf-8' }

export type Exchange = { url: string, exchange: string, type: string }

export interface Publisher {
  /** Never waits and never throws: a broker that is away is the publisher's own business. */
  publish: (message: Message) => void
  /** Gives the broker `ms` to take what is left. Idempotent. */
  close: (ms: number) => Promise<void>
}

type Dependencies = {
  /** Asked before each connection, so that a changed password is taken up. */
  exchange: () => Promise<Exchange>
  maxMessages: number
  /** Takes secrets out of an error. */
  hide: (text: string) => string
  log: Logger
  onSent: () => void
  onDropped: (count: number) => void
}

/**
 * Sends persistent messages with confirmation, keeps them while the broker is away, as far as there
 * is room, and connects again, later each time.
 */
export function startPublisher (dependencies: Dependencies): Publisher {
  const { maxMessages } = dependencies
  const state: State = {
    ...dependencies,
    buffer: createBuffer({ maxMessages, maxBytes: MAX_BYTES }),
    closing: new AbortController(),
    isAway: false,
    failures: 0,
    dropped: 0
  }
  const running = run(state)
  let closed: Promise<void> | undefined
  return {
    publish: (message) => { publish(state, message) },
    close: async (ms) => { await (closed ??= close(state, running, ms)) }
  }
}

type State = Dependencies & {
  buffer: MessageBuffer
  closing: AbortController
  session?: Session
  /** Called once when nothing is held any more. */
  onEmpty?: () => void
  isAway: boolean
  /** Connections that failed one after the other. */
  failures: number
  /** Since the broker was last there. */
  dropped: number
}

function publish (state: State, message: Message): void {
  if (!state.closing.signal.aborted && state.buffer.add(message)) return state.session?.send()
  if (state.dropped++ === 0) {
    const kept = state.buffer.held()
    state.log.warn({ kept }, 'no room for more reports: they are dropped until the broker takes some')
  }
  state.onDropped(1)
}

async function run (state: State): Promise<void> {
  const delay = doubling(RETRY_FIRST_MS, RETRY_MAX_MS)
  await retry(async () => await serve(state), {
    tries: Infinity,
    delays: () => delay(++state.failures),
    mayPass: () => true,
    signal: state.closing.signal,
    log: (_line, failed) => { tellAway(state, failed) }
  }).catch(() => {})
}

/** Once for the whole of it, however often it is tried. */
function tellAway (state: State, { error }: Failed): void {
  const reason = state.hide(error instanceof Error ? error.message : String(error))
  if (!state.isAway) state.log.warn({ reason }, 'the broker for reports is away: they are kept until it is back')
  state.isAway = true
}

function tellBack (state: State): void {
  state.failures = 0
  if (!state.isAway) return
  state.log.info({ dropped: state.dropped, kept: state.buffer.held() }, 'the broker for reports is back')
  state.isAway = false
  state.dropped = 0
}

/** One connection, from its beginning to its end, which is always an error. */
async function serve (state: State): Promise<never> {
  const { url, exchange: name, type } = await state.exchange()
  const { connect } = requireOptional<typeof import('amqplib')>('amqplib', 'the broker for reports')
  const connection = await connect(withHeartbeat(url), { timeout: CONNECT_MS })
  const unconfirmed = new Set<Message>()
  try {
    const session = createSession()
    state.session = session
    watch(connection, session)
    const channel = await Promise.race([connection.createConfirmChannel(), session.ended])
    watch(channel, session)
    await Promise.race([channel.assertExchange(name, type, { durable: true }), session.ended])
    session.send = () => { sendAll(state, { channel, name, unconfirmed, session }) }
    if (state.buffer.held() === 0) tellBack(state)
    session.send()
    return await session.ended
  } finally {
    state.session = undefined
    state.buffer.putBack([...unconfirmed])
    unconfirmed.clear()
    await Promise.race([connection.close().catch(() => {}), sleep(CLOSE_MS)])
  }
}

type Outlet = { channel: ConfirmChannel, name: string, unconfirmed: Set<Message>, session: Session }

function sendAll (state: State, outlet: Outlet): void {
  const { channel, name, unconfirmed } = outlet
  while (unconfirmed.size < MAX_UNCONFIRMED) {
    const message = state.buffer.take()
    if (message === undefined) return
    unconfirmed.add(message)
    const properties = { ...PROPERTIES, timestamp: Math.floor(Date.now() / 1000) }
    channel.publish(name, message.routingKey, message.body, properties, (error: unknown) => {
      if (error !== null && error !== undefined) return outlet.session.end(error as Error)
      // Of a session that has ended: it was put back.
      if (unconfirmed.delete(message)) confirmed(state, outlet, message)
    })
  }
}

function confirmed (state: State, { session }: Outlet, message: Message): void {
  state.buffer.release(message)
  state.onSent()
  tellBack(state)
  if (state.buffer.held() === 0) state.onEmpty?.()
  session.send()
}

async function close (state: State, running: Promise<void>, ms: number): Promise<void> {
  const { buffer, closing, log, onDropped } = state
  if (buffer.held() > 0) {
    const emptied = new Promise<void>((resolve) => { state.onEmpty = resolve })
    await Promise.race([emptied, sleep(ms, undefined, { signal: closing.signal })])
  }
  closing.abort()
  state.session?.end(new Error('closing'))
  await running
  const left = buffer.held()
  if (left === 0) return
  log.warn({ dropped: left }, 'reports that the broker has not taken are dropped')
  onDropped(left)
}

/** A time with a connection. `ended` rejects at its end. */
type Session = { send: () => void, end: (why: Error) => void, ended: Promise<never> }

function createSession (): Session {
  let end = (_why: Error): void => {}
  const ended = new Promise<never>((_resolve, reject) => { end = reject })
  // Also where nobody waits for it yet.
  ended.catch(() => {})
  return { send: () => {}, end, ended }
}

function watch (one: ChannelModel | ConfirmChannel, { end }: Session): void {
  one.on('error', end)
  one.on('close', () => { end(new Error('the connection was closed')) })
}

/** So that a broker that has vanished without a word is missed soon. */
function withHeartbeat (address: string): string {
  const url = new URL(address)
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT_S))
  return url.href
}
