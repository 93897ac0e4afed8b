import { setImmediate as nextTurn } from 'node:timers/promises'
import { timerMs } from '../../base/deadline.ts'
import { encodeError, encodePrepared, encodeSimple, summarize, type ReplySummary } from './wire.ts'
import type { WireValue } from './messages.ts'

type Settings = {
  /** Runs one batch of the wire protocol and answers with all that the database wrote. */
  execute: (batch: Buffer) => Promise<Buffer>
  reply: (id: number, bytes: Buffer) => void
  /** Called when the replies so far should go out. */
  flush: () => void
  /** The database is no longer to be trusted. */
  fail: (error: Error) => void
  transactionIdleMs?: number
}

type Query = { id: number, client: number, text: string, values: WireValue[] | undefined }
type Task = { client: number, run: () => Promise<void> }

export interface PgliteSession {
  query: (query: Query) => void
  /** After the client's queries: a transaction that it left open is rolled back. */
  release: (client: number) => void
  /** For the thread's own statements. */
  run: (text: string) => Promise<Buffer>
  isBusy: () => boolean
  stop: () => void
}

/** Queries resolve in microtasks only, so that timers and messages would starve without a pause. */
const SLICE_MS = 2
const MAX_STATEMENTS = 256
/** A client that forgets its transaction would stop everyone. */
const TRANSACTION_IDLE_MS = 30_000
/** The plan's result type changed, or the statement is gone: preparing it again is all it takes. */
const STALE_STATEMENT = new Set(['0A000', '26000'])

/** Shares the one session of PGlite among many clients: one query at a time, and a transaction holds it alone. */
export function createPgliteSession (settings: Settings): PgliteSession {
  const { execute, reply, flush, fail, transactionIdleMs = TRANSACTION_IDLE_MS } = settings
  const tasks = new Set<Task>()
  const statements = new Map<string, string>()
  const expelled = new Set<number>()
  let closedStatements: string[] = []
  let statementCount = 0
  let owner = 0
  let isPumping = false
  let idleTimer: NodeJS.Timeout | undefined

  async function pump (): Promise<void> {
    if (isPumping) return
    isPumping = true
    clearTimeout(idleTimer)
    let sliceEnd = performance.now() + SLICE_MS
    for (let task = next(); task !== undefined; task = next()) {
      tasks.delete(task)
      await task.run()
      if (performance.now() < sliceEnd) continue
      flush()
      await nextTurn()
      sliceEnd = performance.now() + SLICE_MS
    }
    flush()
    isPumping = false
    if (owner !== 0) idleTimer = setTimeout(expel, timerMs(transactionIdleMs), owner)
  }

  function next (): Task | undefined {
    for (const task of tasks) {
      if (owner === 0 || task.client === owner) return task
    }
    return undefined
  }

  function add (task: Task): void {
    tasks.add(task)
    pump().catch(fail)
  }

  function expel (client: number): void {
    expelled.add(client)
    add({ client, run: rollback })
  }

  async function rollback (): Promise<void> {
    const bytes = await execute(encodeSimple('ROLLBACK'))
    owner = 0
    check(summarize(bytes))
    reply(0, bytes)
  }

  async function perform ({ id, client, text, values }: Query): Promise<void> {
    if (expelled.has(client)) {
      reply(
        id,
        encodeError('25P03', 'the transaction was idle for too long and was rolled back; the client must be released')
      )
      return
    }
    const wasIdle = owner === 0
    let { bytes, summary } = await send(text, values)
    // Inside a transaction the error has ended it: only the client can begin again.
    if (wasIdle && values !== undefined && STALE_STATEMENT.has(summary.code ?? '')) {
      ;({ bytes, summary } = await send(text, values))
    }
    if (summary.status !== 'I' && client === 0) {
      await rollback()
      reply(id, encodeError('25001', 'a transaction needs a client: connect() gives one'))
      return
    }
    owner = summary.status === 'I' ? 0 : client
    reply(id, bytes)
  }

  async function send (
    text: string,
    values: WireValue[] | undefined
  ): Promise<{ bytes: Buffer, summary: ReplySummary }> {
    if (values === undefined) {
      const bytes = await execute(encodeSimple(text))
      return { bytes, summary: check(summarize(bytes)) }
    }
    const known = statements.get(text)
    const name = known ?? `s${++statementCount}`
    const bytes = await execute(
      encodePrepared({ name, text, isNew: known === undefined, closed: closedStatements }, values)
    )
    const summary = check(summarize(bytes))
    closedStatements = []
    if (known === undefined && !summary.hasParsed) return { bytes, summary }
    // Last in the map is last used, first is dropped.
    statements.delete(text)
    if (STALE_STATEMENT.has(summary.code ?? '')) closedStatements.push(name)
    else statements.set(text, name)
    const [oldest] = statements.size > MAX_STATEMENTS ? statements : []
    if (oldest !== undefined) {
      statements.delete(oldest[0])
      closedStatements.push(oldest[1])
    }
    return { bytes, summary }
  }

  function check (summary: ReplySummary): ReplySummary {
    // PGlite swallows what the database throws when it crashes.
    if (summary.status === undefined || summary.severity === 'FATAL' || summary.severity === 'PANIC') {
      throw new Error(`the embedded database crashed (${summary.code ?? 'no answer'})`)
    }
    return summary
  }

  return {
    query: (query) => add({ client: query.client, run: () => perform(query) }),
    release: (client) => add({
      client,
      run: async () => {
        expelled.delete(client)
        if (owner === client) await rollback()
      }
    }),
    run: (text) => new Promise((resolve) => add({
      client: 0,
      run: async () => {
        const { bytes } = await send(text, undefined)
        // It may carry notifications.
        reply(0, bytes)
        resolve(bytes)
      }
    })),
    isBusy: () => isPumping || tasks.size > 0 || owner !== 0,
    stop: () => clearTimeout(idleTimer)
  }
}
