import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker as Thread } from 'node:worker_threads'
import { lockFolder, type FolderLock } from './folder-lock.ts'
import { PgliteClient, type PgliteQuery } from './client.ts'
import type { PgliteNotice, PgliteReport, PgliteRequest, PgliteThreadData } from './messages.ts'
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
  const lock = folder === MEMORY ? undefined : await lockFolder(folder)
  try {
    const dataFolder = lock === undefined ? undefined : join(folder, 'data')
    const threadData = { dataFolder, schema, maintenanceMs, createOnly: false }
    if (dataFolder !== undefined && !existsSync(dataFolder)) await create(dataFolder, threadData, onNotice)
    const thread = startThread(threadData)
    await isOpen(thread, onNotice)
    return new PglitePool(thread, lock, onNotice)
  } catch (error) {
    await lock?.release()
    throw error
  }
}

/** All or nothing: whoever is killed in the middle of it leaves a folder that the next one throws away. */
async function create (
  dataFolder: string,
  threadData: PgliteThreadData,
  onNotice: (notice: PgliteNotice) => void
): Promise<void> {
  const unfinished = `${dataFolder}.new`
  await rm(unfinished, { recursive: true, force: true })
  const thread = startThread({ ...threadData, dataFolder: unfinished, createOnly: true })
  thread.on('message', (report: PgliteReport) => {
    if (report.kind === 'notice') onNotice(report.notice)
  })
  await new Promise<void>((resolve, reject) => {
    thread.once('error', reject)
    thread.once('exit', (code) => code === 0 ? resolve() : reject(new Error('the data folder could not be made')))
  })
  await rename(unfinished, dataFolder)
}

function startThread (workerData: PgliteThreadData): Thread {
  // The same extension as this file: .ts under a loader, .js in dist.
  const self = fileURLToPath(import.meta.url)
  return new Thread(new URL(`./thread${extname(self)}`, import.meta.url), { workerData, name: 'pglite' })
}

async function isOpen (thread: Thread, onNotice: (notice: PgliteNotice) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onReport = (report: PgliteReport): void => {
      if (report.kind === 'notice') onNotice(report.notice)
      if (report.kind !== 'open') return
      thread.off('message', onReport)
      thread.off('error', reject)
      resolve()
    }
    thread.on('message', onReport)
    thread.once('error', reject)
    thread.once('exit', () => reject(new Error('the thread of the embedded database ended while it started')))
  })
}

/** What `pg` calls a Pool, with a session that all share. `end` closes the database and lets go of the folder. */
export class PglitePool extends EventEmitter<Events> {
  /** BullMQ blocks long on a connection that it trusts to be alive: this one is. */
  readonly options = { keepAlive: true }
  readonly #thread: Thread
  readonly #lock: FolderLock | undefined
  readonly #onNotice: (notice: PgliteNotice) => void
  readonly #pending = new Map<number, Pending>()
  readonly #clients = new Map<number, PgliteClient>()
  readonly #exited: Promise<void>
  #requests: PgliteRequest[] = []
  #queryCount = 0
  #clientCount = 0
  #gone: Error | undefined
  #ending: Promise<void> | undefined

  constructor (thread: Thread, lock: FolderLock | undefined, onNotice: (notice: PgliteNotice) => void) {
    super()
    this.setMaxListeners(0)
    this.#thread = thread
    this.#lock = lock
    this.#onNotice = onNotice
    thread.on('message', (report: PgliteReport) => this.#receive(report))
    thread.on('error', (error) => this.#lose(error))
    this.#exited = new Promise((resolve) => {
      thread.once('exit', () => {
        this.#lose()
        resolve(this.#lock?.release())
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
