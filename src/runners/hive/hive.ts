import { setTimeout as delay } from 'node:timers/promises'
import { type Static, Type } from 'typebox'
import { coreDatabase } from '../../sdk/blocks/kinds/core_database.ts'
import { errors } from '../../base/errors.ts'
import { retry } from '../../base/retry.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { StillRuns, stopReason } from '../failure.ts'
import { readHiveAddress, type HiveAddress } from './address.ts'
import { HiveAway, openHive, type HiveConnection, type HiveDatabase } from './database.ts'
import { look, readMessages, readResult, type Look } from './look.ts'
import { findOrSeed, findSeeded } from './seed.ts'
import { discard, inHand, revive } from './steer.ts'
import { masked, type MaskedContext } from '../masked.ts'
import { readOutcome } from '../outcome.ts'
import type { Kinds } from '../../sdk/blocks/kind.ts'
import type { Runner } from '../runner.ts'
import { type Environment, ValueSchema, readValues } from '../value.ts'

export const HiveRunSchema = Type.Object({
  hive: Type.Object({
    uri: Type.Optional(ValueSchema),
    block: Type.Optional(Type.String({ minLength: 1, description: 'Instead of `uri`: the block of kind core_database with server, user and database of the hive' })),
    analysis: Type.String({ minLength: 1, maxLength: 255, description: 'The analysis that gets the job: a logic_name of the hive' }),
    every_ms: Type.Optional(Type.Integer({ minimum: 10, maximum: 3_600_000, default: 5000, description: 'Milliseconds between two looks at the hive' })),
    max_failures: Type.Optional(Type.Integer({ minimum: 0, default: 120, description: 'Times in a row that the database may be away before the job fails' }))
  }, { additionalProperties: false })
}, { additionalProperties: false, description: 'A job in the database of an eHive (2.5 or later), whose own workers run it. It is seeded once, however often our job is taken' })

export type HiveRun = Static<typeof HiveRunSchema>

export type HiveRunnerOptions = {
  /** Milliseconds that jobs in hand have to end after a cancel. */
  graceMs: number
  maxOutputBytes: number
  env: Environment
  kinds: Kinds
}

/** Looking takes a tenth of the time at most, however large the tree. */
const LOOK_SHARE = 10
/** Failed jobs that a reason tells of. */
const MAX_TOLD = 5

/** What is wrong with an entry, or undefined. */
export const checkHive = ({ hive: { uri, block } }: HiveRun): string | undefined => {
  if ((uri === undefined) === (block === undefined)) return 'a hive needs either uri or block'
  if (typeof uri !== 'string') return undefined
  try {
    readHiveAddress(uri)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Connections are open while jobs run, and no longer. A block may name another server by the next job. */
export const createHiveRunner = ({ hive: entry }: HiveRun, options: HiveRunnerOptions): Runner => {
  const opened = new Map<string, { database: HiveDatabase, users: number }>()
  return {
    run: masked(async (context) => {
      const address = await addressOf(entry, options, context)
      context.redactor.add([address.password])
      const key = JSON.stringify(address)
      const shared = opened.get(key) ?? { database: openHive(address), users: 0 }
      opened.set(key, shared)
      shared.users += 1
      try {
        return await followJob(entry, options, context, shared.database)
      } finally {
        shared.users -= 1
        if (shared.users === 0) {
          opened.delete(key)
          // What the job came to stands, whatever a connection says at its end.
          await shared.database.close().catch(() => {})
        }
      }
    }, options.kinds),
    close: async () => {}
  }
}

async function addressOf ({ uri, block = '' }: HiveRun['hive'], { env, kinds }: HiveRunnerOptions, context: MaskedContext): Promise<HiveAddress> {
  if (uri !== undefined) return readHiveAddress((await readValues({ uri }, { env, kinds, ...context })).get('uri') ?? '')
  const { host, port, socket_path: socketPath, user, password, database } = await context.block(coreDatabase, block)
  if (database === undefined) throw errors.final(`block core_database/${block} names no database, which a hive needs`)
  return { user, password, database, ...(socketPath === undefined ? { host: host ?? 'localhost', port } : { socketPath }) }
}

async function followJob (entry: HiveRun['hive'], { graceMs, maxOutputBytes }: HiveRunnerOptions, context: MaskedContext, database: HiveDatabase): Promise<ProcessOutcome> {
  const { event, jobId, signal, progress, log } = context
  const everyMs = entry.every_ms ?? 5000
  const ask = createPatience(database, { everyMs, maxFailures: entry.max_failures ?? 120, signal, log })
  if (signal.aborted) throw new Error(stopReason(signal))
  let id: number | undefined
  try {
    id = await ask(begin)
    return await untilEnd(id)
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    // Handed back or lost, not cancelled: the worker that takes the job next finds what was seeded.
    const why = (signal.reason as { code?: unknown } | undefined)?.code
    if (why === 'shutdown' || why === 'lost') throw new Error(stopReason(signal))
    await stop(id)
    throw new Error(stopReason(signal))
  }

  async function begin (connection: HiveConnection): Promise<number> {
    const seeded = await findOrSeed(connection, entry.analysis, jobId, event)
    log(`hive job ${seeded.id} of ${entry.analysis} ${seeded.found ? 'found again' : 'seeded'}`)
    const seen = seeded.found ? await look(connection, seeded.id) : undefined
    if (seen !== undefined && seen.status !== 'complete') {
      const given = await revive(connection, seen.tree)
      if (given > 0) log(`${given} of its jobs had failed or were discarded: given to the hive again`)
    }
    return seeded.id
  }

  async function untilEnd (root: number): Promise<ProcessOutcome> {
    let told = ''
    for (;;) {
      const started = performance.now()
      const seen = await ask((connection) => look(connection, root))
      if (seen === undefined) throw errors.final(`job ${root} is no longer in the hive database`)
      const text = `hive job ${root} ${seen.status}, ${seen.done} of ${seen.tree.jobs.size} done${seen.message === undefined ? '' : `: ${seen.message}`}`
      if (text !== told) log(told = text)
      progress({ complete: seen.done, total: seen.tree.jobs.size, ...(seen.message === undefined ? {} : { message: seen.message }) })
      if (seen.status === 'complete') return await ask((connection) => outcomeOf(connection, root))
      if (seen.status === 'failed') throw new Error(await ask((connection) => reasonOf(connection, seen)))
      await delay(Math.max(everyMs, LOOK_SHARE * (performance.now() - started)), undefined, { signal })
    }
  }

  async function outcomeOf (connection: HiveConnection, root: number): Promise<ProcessOutcome> {
    const result = await readResult(connection, root, maxOutputBytes)
    if (result?.text === null && result.bytes > 0) throw errors.final(`the result of hive job ${root} has ${result.bytes} bytes, more than the ${maxOutputBytes} allowed`)
    const output = parse(result?.text ?? null)
    const events = typeof output === 'object' && output !== null ? (output as { events?: unknown }).events : undefined
    return readOutcome({ output, events }, { maxOutputBytes })
  }

  /** Nothing more of it begins; what a worker of the hive has in hand cannot be stopped from here, only waited for. */
  async function stop (seeded: number | undefined): Promise<void> {
    const end = Date.now() + graceMs
    try {
      for (;;) {
        const working = await database.use(async (connection) => {
          const root = seeded ?? await findSeeded(connection, entry.analysis, jobId)
          const seen = root === undefined ? undefined : await look(connection, root)
          if (seen === undefined) return []
          const taken = await discard(connection, seen.tree)
          if (taken > 0) log(`${taken} hive jobs that had not begun were discarded`)
          return inHand(seen.tree)
        })
        if (working.length === 0) return
        if (Date.now() >= end) throw new StillRuns(`${stopReason(signal)}, but the hive still works on ${working.length === 1 ? `job ${working[0]}` : `${working.length} jobs, ${working.slice(0, MAX_TOLD).join(', ')}`}; what had not begun was discarded`)
        await delay(Math.min(everyMs, Math.max(0, end - Date.now())))
      }
    } catch (error) {
      if (error instanceof StillRuns) throw error
      throw new StillRuns(`${stopReason(signal)}, but the hive could not be told: ${(error as Error).message}`)
    }
  }
}

async function reasonOf (connection: HiveConnection, { tree }: Look): Promise<string> {
  const failed = [...tree.jobs.values()].filter(({ status }) => status === 'FAILED')
  const messages = await readMessages(connection, failed.map(({ id }) => id))
  const told = failed.slice(0, MAX_TOLD).map(({ id, analysis }) => `hive job ${id} (${analysis}) failed${messages.has(id) ? `: ${messages.get(id)}` : ''}`)
  return [...told, ...failed.length > MAX_TOLD ? [`and ${failed.length - MAX_TOLD} more`] : []].join('; ')
}

type Patience = { everyMs: number, maxFailures: number, signal: AbortSignal, log: (line: string) => void }

/** Asks again while the database is away, up to a limit in a row. */
function createPatience (database: HiveDatabase, { everyMs, maxFailures, signal, log }: Patience) {
  return async <T>(question: (connection: HiveConnection) => Promise<T>): Promise<T> => {
    try {
      return await retry(() => database.use(question), {
        tries: maxFailures + 1,
        delays: [everyMs],
        mayPass: (error) => error instanceof HiveAway,
        signal,
        log: (_line, { error, failures }) => { if (failures === 1) log((error as HiveAway).message) }
      })
    } catch (error) {
      if (!(error instanceof HiveAway)) throw error
      throw new Error(`${error.message} (${maxFailures + 1} times in a row)`)
    }
  }
}

function parse (text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
