import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelModel, ConfirmChannel } from 'amqplib'
import type { Logger } from 'pino'
import { requireOptional } from '../../base/optional.ts'
import { doubling, retry, type Failed } from '../../base/retry.ts'
import { createBuffer } from './buffer.ts'
import type { Message } from './report.ts'

const MAX_BYTES = 32 * 1024 * 1024
/** Messages that the broker may owe a confirmation. */
const MAX_UNCONFIRMED = 200
const CONNECT_MS = 5000
const HEARTBEAT_S = 10
const CLOSE_MS = 1000
const RETRY_FIRST_MS = 200
const RETRY_MAX_MS = 15_000

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
export function startPublisher ({ exchange, maxMessages, hide, log, onSent, onDropped }: Dependencies): Publisher {
  const buffer = createBuffer({ maxMessages, maxBytes: MAX_BYTES })
  const closing = new AbortController()
  let session: Session | undefined
  let onEmpty: (() => void) | undefined
  let isAway = false
  let failures = 0
  let dropped = 0

  function publish (message: Message): void {
    if (!closing.signal.aborted && buffer.add(message)) return session?.send()
    if (dropped++ === 0) {
      log.warn({ kept: buffer.held() }, 'no room for more reports: they are dropped until the broker takes some')
    }
    onDropped(1)
  }

  async function run (): Promise<void> {
    const delays = (): number => doubling(RETRY_FIRST_MS, RETRY_MAX_MS)(++failures)
    await retry(serve, { tries: Infinity, delays, mayPass: () => true, signal: closing.signal, log: tellAway }).catch(
      () => {}
    )
  }

  /** Once for the whole of it, however often it is tried. */
  function tellAway (_line: string, { error }: Failed): void {
    const reason = hide(error instanceof Error ? error.message : String(error))
    if (!isAway) log.warn({ reason }, 'the broker for reports is away: they are kept until it is back')
    isAway = true
  }

  /** One connection, from its beginning to its end, which is always an error. */
  async function serve (): Promise<never> {
    const { url, exchange: name, type } = await exchange()
    const { connect } = requireOptional<typeof import('amqplib')>('amqplib', 'the broker for reports')
    const connection = await connect(withHeartbeat(url), { timeout: CONNECT_MS })
    const unconfirmed = new Set<Message>()
    try {
      const mine = createSession()
      session = mine
      watch(connection, mine)
      const channel = await Promise.race([connection.createConfirmChannel(), mine.ended])
      watch(channel, mine)
      await Promise.race([channel.assertExchange(name, type, { durable: true }), mine.ended])
      mine.send = () => { sendAll(channel, name, unconfirmed, mine) }
      if (buffer.held() === 0) back()
      mine.send()
      return await mine.ended
    } finally {
      session = undefined
      buffer.putBack([...unconfirmed])
      unconfirmed.clear()
      await Promise.race([connection.close().catch(() => {}), sleep(CLOSE_MS)])
    }
  }

  function sendAll (channel: ConfirmChannel, name: string, unconfirmed: Set<Message>, mine: Session): void {
    while (unconfirmed.size < MAX_UNCONFIRMED) {
      const message = buffer.take()
      if (message === undefined) return
      unconfirmed.add(message)
      channel.publish(
        name,
        message.routingKey,
        message.body,
        {
          persistent: true,
          contentType: 'application/json',
          contentEncoding: 'utf-8',
          timestamp: Math.floor(Date.now() / 1000)
        },
        (error: unknown) => {
          if (error !== null && error !== undefined) return mine.end(error as Error)
          // Of a session that has ended: it was put back.
          if (!unconfirmed.delete(message)) return
          buffer.release(message)
          onSent()
          back()
          if (buffer.held() === 0) onEmpty?.()
          mine.send()
        }
      )
    }
  }

  function back (): void {
    failures = 0
    if (!isAway) return
    log.info({ dropped, kept: buffer.held() }, 'the broker for reports is back')
    isAway = false
    dropped = 0
  }

  const running = run()
  let closed: Promise<void> | undefined
  async function close (ms: number): Promise<void> {
    if (buffer.held() > 0) {
      await Promise.race([
        new Promise<void>((resolve) => {
          onEmpty = resolve
        }),
        sleep(ms, undefined, { signal: closing.signal })
      ])
    }
    closing.abort()
    session?.end(new Error('closing'))
    await running
    const left = buffer.held()
    if (left === 0) return
    log.warn({ dropped: left }, 'reports that the broker has not taken are dropped')
    onDropped(left)
  }

  return { publish, close: async (ms) => { await (closed ??= close(ms)) } }
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
