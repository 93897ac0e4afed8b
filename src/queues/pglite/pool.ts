import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import type { Worker as Thread } from 'node:worker_threads'
import { lockFolder, type FolderLock } from './folder-lock.ts'
import { dataFolderOf, examineFolder, unfit, type FolderNote } from './folder-note.ts'
import { PgliteClient, type PgliteQuery } from './client.ts'
import type { PgliteNotice, PgliteReport, PgliteRequest, PgliteThreadData } from './messages.ts'
import { create, isOpen, startThread } from './start.ts'
import { decodeReply, toWireValue, type PgliteResult } from './wire.ts'

type Settings = {
  /** Holds the lock and, in `data`, PostgreSQL's files. `memory://` keeps nothing. */
  folder: string
  /** Comes first in the search path, and is created where it is missing. */
  schema: string
  onNotice?: (notice: PgliteNotice) => void
  /** How often tables and log are tidied, if anything was written. */
  maintenanceMs?: number
}

type Pending = { resolve: (result: PgliteResult<Record<string, unknown>>) => void, reject: (error: Error) => void }
type Events = { error: [Error], connect: [PgliteClient] }

const MEMORY = 'memory://'
const MAINTENANCE_MS = 20_000
/** More than this waiting is a caller without limits of its own. */
const MAX_PENDING = 10_000

/** Opens the database in a thread of its own. Throws DATA_FOLDER_IN_USE where another process has the folder. */
export async function openPglite ({
  folder,
  schema,
  onNotice = () => {},
  maintenanceMs = MAINTENANCE_MS
}: Settings): Promise<PglitePool> {
  if (!/^[A-Za-z_][\w$]{0,62}$/.test(schema)) {
    throw new Error(`the schema ${JSON.stringify(schema)} is not a simple identifier`)
  }
  if (folder === MEMORY) return await openHere({ schema, maintenanceMs, onNotice })
  const lock = await lockFolder(folder)
  try {
    const note = examineFolder(folder)
    const dataFolder = dataFolderOf(folder)
    if (!existsSync(dataFolder)) await create(dataFolder, { schema, maintenanceMs }, onNotice)
    return await openHere({ dataFolder, schema, maintenanceMs, onNotice, lock, note }).catch((error: unknown) => {
      throw unfit(folder, `the database does not start (${(error as Error).message})`, error)
    })
  } catch (error) {
    await lock.release()
    throw error
  }
}

type Here = Pick<PgliteThreadData, 'schema' | 'maintenanceMs'> & Held & {
  dataFolder?: string
  onNotice: (notice: PgliteNotice) => void
}
/** What an open folder is held by. */
type Held = { lock?: FolderLock, note?: FolderNote }

async function openHere ({ dataFolder, schema, maintenanceMs, onNotice, lock, note }: Here): Promise<PglitePool> {
  const thread = startThread({ dataFolder, schema, maintenanceMs, createOnly: false })
  await isOpen(thread, onNotice)
  note?.write(true)
  return new PglitePool(thread, { lock, note }, onNotice)
}

/** What `pg` calls a Pool, with a session that all share. `end` closes the database and lets go of the folder. */
export class PglitePool extends EventEmitter<Events> {
  /** BullMQ blocks long on a connection that it trusts to be alive: this one is. */
  readonly options = { keepAlive: true }
  readonly #thread: Thread
  readonly #held: Held
  readonly #onNotice: (notice: PgliteNotice) => void
  readonly #pending = new Map<number, Pending>()
  readonly #clients = new Map<number, PgliteClient>()
  readonly #exited: Promise<void>
  #requests: PgliteRequest[] = []
  #queryCount = 0
  #clientCount = 0
  #gone: Error | undefined
  #hasEnded = false
  #ending: Promise<void> | undefined

  constructor (thread: Thread, held: Held, onNotice: (notice: PgliteNotice) => void) {
    super()
    this.setMaxListeners(0)
    this.#thread = thread
    this.#held = held
    this.#onNotice = onNotice
    thread.on('message', (report: PgliteReport) => this.#receive(report))
    thread.on('error', (error) => this.#lose(error))
    this.#exited = new Promise((resolve) => {
      thread.once('exit', () => {
        if (this.#hasEnded) this.#held.note?.write(false)
        this.#lose()
        resolve(this.#held.lock?.release())
      })
    })
  }

  async query<R = Record<string, unknown>>(
    query: string | PgliteQuery,
    values?: readonly unknown[]
  ): Promise<PgliteResult<R>> {
    // BullMQ knows a pool that has ended by these words.
    if (this.#ending !== undefined) throw new Error('Cannot use a pool after calling end on the pool')
    return (await (typeof query === 'string'
      ? this.#send(0, query, values)
      : this.#send(0, query.text, values ?? query.values))) as PgliteResult<R>
  }

  async connect (): Promise<PgliteClient> {
    if (this.#ending !== undefined) throw new Error('Cannot use a pool after calling end on the pool')
    if (this.#gone !== undefined) throw this.#gone
    const client = new PgliteClient(++this.#clientCount, {
      send: (id, text, values) => this.#send(id, text, values),
      hasListener: (channel, except) =>
        [...this.#clients.values()].some((other) => other !== except && other.channels.has(channel)),
      release: ({ id }) => {
        this.#clients.delete(id)
        this.#post({ kind: 'release', client: id })
      }
    })
    this.#clients.set(client.id, client)
    this.emit('connect', client)
    return client
  }

  /** What was asked before is still answered; a transaction that is open is rolled back. */
  end (): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end (): Promise<void> {
    for (const client of this.#clients.values()) client.release()
    this.#post({ kind: 'end' })
    await this.#exited
  }

  #send (
    client: number,
    text: string,
    values: readonly unknown[] | undefined
  ): Promise<PgliteResult<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== undefined) throw this.#gone
      if (this.#pending.size >= MAX_PENDING) {
        throw Object.assign(new Error(`${MAX_PENDING} queries wait for the embedded database`), { code: '53000' })
      }
      const request: PgliteRequest = {
        kind: 'query',
        id: ++this.#queryCount,
        client,
        text,
        values: values === undefined || values.length === 0 ? undefined : values.map(toWireValue)
      }
      this.#pending.set(request.id, { resolve, reject })
      this.#post(request)
    })
  }

  /** One message for all that a turn of the event loop asks. */
  #post (request: PgliteRequest): void {
    if (this.#gone !== undefined) return
    if (this.#requests.push(request) > 1) return
    process.nextTick(() => {
      this.#thread.postMessage(this.#requests)
      this.#requests = []
    })
  }

  #receive (report: PgliteReport): void {
    if (report.kind === 'notice') this.#onNotice(report.notice)
    if (report.kind === 'ended') this.#hasEnded = true
    if (report.kind !== 'replies') return
    let start = 0
    for (let at = 0; at < report.marks.length; at += 2) {
      const end = report.marks[at + 1] ?? start
      this.#settle(report.marks[at] ?? 0, Buffer.from(report.data, start, end - start))
      start = end
    }
  }

  #settle (id: number, bytes: Buffer): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    const { result, error, notifications } = decodeReply(bytes)
    if (error === undefined) pending?.resolve(result)
    else pending?.reject(error)
    for (const notification of notifications) {
      for (const client of this.#clients.values()) {
        if (client.channels.has(notification.channel)) client.emit('notification', notification)
      }
    }
  }

  #lose (cause?: unknown): void {
    if (this.#gone !== undefined) return
    this.#gone = Object.assign(new Error('the embedded database is gone', { cause }), { code: 'PGLITE_GONE' })
    for (const { reject } of this.#pending.values()) reject(this.#gone)
    this.#pending.clear()
    if (this.#ending !== undefined) return
    for (const emitter of [...this.#clients.values(), this]) {
      if (emitter.listenerCount('error') > 0) emitter.emit('error', this.#gone)
    }
  }
}
