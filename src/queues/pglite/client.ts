import { EventEmitter } from 'node:events'
import type { PgliteNotification, PgliteResult } from './wire.ts'

export type PgliteQuery = { text: string, values?: readonly unknown[] | undefined }

type Link = {
  send: (
    client: number,
    text: string,
    values: readonly unknown[] | undefined
  ) => Promise<PgliteResult<Record<string, unknown>>>
  /** Whether a client other than this one listens. */
  hasListener: (channel: string, except: PgliteClient) => boolean
  release: (client: PgliteClient) => void
}

type Events = { notification: [PgliteNotification], error: [Error], end: [] }

/** LISTEN or UNLISTEN, after BullMQ's comments, and the channel. */
const LISTENING = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*(un)?listen\s+(?:"((?:[^"]|"")+)"|([\w$]+)|\*)/i

/** What `pg` calls a PoolClient. All clients share one session: a transaction has it alone, settings are everyone's. */
export class PgliteClient extends EventEmitter<Events> {
  readonly id: number
  readonly channels = new Set<string>()
  readonly #link: Link
  #isReleased = false

  constructor (id: number, link: Link) {
    super()
    this.setMaxListeners(0)
    this.id = id
    this.#link = link
  }

  async query<R = Record<string, unknown>>(
    query: string | PgliteQuery,
    values?: readonly unknown[]
  ): Promise<PgliteResult<R>> {
    if (this.#isReleased) throw new Error('Client was closed and is not queryable')
    const text = typeof query === 'string' ? query : query.text
    const listening = LISTENING.exec(text)
    if (listening !== null && this.#listen(listening)) {
      return { rows: [], rowCount: null, command: 'UNLISTEN', fields: [] }
    }
    return (await this.#link.send(
      this.id,
      text,
      values ?? (typeof query === 'string' ? undefined : query.values)
    )) as PgliteResult<R>
  }

  /** A transaction that is still open is rolled back. */
  release (_destroy?: boolean | Error): void {
    if (this.#isReleased) return
    this.#isReleased = true
    for (const channel of this.channels) this.#forget(channel)
    this.#link.release(this)
  }

  async end (): Promise<void> {
    this.release()
  }

  /**
   * True where nothing is to be sent: the session listens for the other clients too, so only the last one ends that.
   */
  #listen ([, un, quoted, plain]: RegExpExecArray): boolean {
    const channel = quoted?.replaceAll('""', '"') ?? plain?.toLowerCase()
    if (un === undefined) {
      if (channel !== undefined) this.channels.add(channel)
      return false
    }
    for (const known of channel === undefined ? this.channels : [channel]) this.#forget(known)
    return true
  }

  #forget (channel: string): void {
    if (!this.channels.delete(channel) || this.#link.hasListener(channel, this)) return
    this.#link.send(this.id, `UNLISTEN "${channel.replaceAll('"', '""')}"`, undefined).catch(() => {})
  }
}
