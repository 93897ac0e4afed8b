import { setTimeout as delay } from 'node:timers/promises'
import { errors } from '../../base/errors.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { StillRuns, stopReason } from '../failure.ts'
import type { JobContext } from '../runner.ts'
import { readBeekeeper } from './beekeeper.ts'
import type { HiveConnection, HiveDatabase } from './database.ts'
import { look, type Look } from './look.ts'
import { listed, outcomeOf, reasonOf } from './outcome.ts'
import { createPatience, type Ask } from './patience.ts'
import { findOrSeed, findSeeded } from './seed.ts'
import { discard, inHand, revive } from './steer.ts'

export type Follow = {
  database: HiveDatabase
  analysis: string
  everyMs: number
  maxFailures: number
  /** Milliseconds that jobs in hand have to end after a cancel. */
  graceMs: number
  maxOutputBytes: number
  context: Pick<JobContext, 'event' | 'jobId' | 'signal' | 'progress'>
  log: (line: string) => void
}

type State = Follow & { ask: Ask }

/** Looking takes a tenth of the time at most, however large the tree. */
const LOOK_SHARE = 10

/** Seeds our job in the hive, or finds it there, and follows it to its end. */
export async function followJob (follow: Follow): Promise<ProcessOutcome> {
  const { signal } = follow.context
  const state = { ...follow, ask: createPatience(follow.database, { ...follow, signal }) }
  if (signal.aborted) throw new Error(stopReason(signal))
  let id: number | undefined
  try {
    id = await state.ask(begin.bind(null, state))
    return await untilEnd(state, id)
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    // Handed back or lost, not cancelled: the worker that takes the job next finds what was seeded.
    const why = (signal.reason as { code?: unknown } | undefined)?.code
    if (why === 'shutdown' || why === 'lost') throw new Error(stopReason(signal))
    await stop(state, id)
    throw new Error(stopReason(signal))
  }
}

async function begin ({ analysis, context, log }: State, connection: HiveConnection): Promise<number> {
  const seeded = await findOrSeed(connection, analysis, context.jobId, context.event)
  log(`hive job ${seeded.id} of ${analysis} ${seeded.found ? 'found again' : 'seeded'}`)
  const seen = seeded.found ? await look(connection, seeded.id) : undefined
  if (seen !== undefined && seen.status !== 'complete') {
    const given = await revive(connection, seen.tree)
    if (given > 0) log(`${given} of its jobs had failed or were discarded: given to the hive again`)
  }
  return seeded.id
}

async function untilEnd (state: State, root: number): Promise<ProcessOutcome> {
  const { ask, context, everyMs, maxOutputBytes, log } = state
  let told = ''
  for (;;) {
    const started = performance.now()
    const seen = await ask((connection) => look(connection, root))
    if (seen === undefined) throw errors.final(`job ${root} is no longer in the hive database`)
    if (seen.status === 'complete') {
      tell(state, seen, undefined)
      return await ask((connection) => outcomeOf(connection, root, maxOutputBytes))
    }
    if (seen.status === 'failed') throw new Error(await ask((connection) => reasonOf(connection, seen)))
    // Workers that have jobs in hand need nobody to start them.
    const waits = inHand(seen.tree).length > 0 ? undefined : await ask(readBeekeeper)
    const text = `hive job ${root} ${describe(seen)}${waits === undefined ? '' : `, waits for ${waits}`}`
    if (text !== told) log(told = text)
    tell(state, seen, waits)
    await delay(Math.max(everyMs, LOOK_SHARE * (performance.now() - started)), undefined, { signal: context.signal })
  }
}

function describe ({ status, done, tree, message }: Look): string {
  return `${status}, ${done} of ${tree.jobs.size} done${message === undefined ? '' : `: ${message}`}`
}

function tell ({ context }: State, { done, tree, message }: Look, waits: string | undefined): void {
  context.progress({ complete: done, total: tree.jobs.size, message, waiting_for: waits })
}

/** Nothing more of it begins; what a worker of the hive has in hand cannot be stopped from here, only waited for. */
async function stop (state: State, seeded: number | undefined): Promise<void> {
  const { database, context: { signal }, everyMs, graceMs } = state
  const end = Date.now() + graceMs
  try {
    for (;;) {
      const working = await database.use(discardTree.bind(null, state, seeded))
      if (working.length === 0) return
      if (Date.now() >= end) {
        const what = `the hive still works on ${listed(working)}; what had not begun was discarded`
        throw new StillRuns(`${stopReason(signal)}, but ${what}`)
      }
      await delay(Math.min(everyMs, Math.max(0, end - Date.now())))
    }
  } catch (error) {
    if (error instanceof StillRuns) throw error
    throw new StillRuns(`${stopReason(signal)}, but the hive could not be told: ${(error as Error).message}`)
  }
}

/** Answers what the workers of the hive have in hand. */
async function discardTree (
  { analysis, context, log }: State,
  seeded: number | undefined,
  connection: HiveConnection
): Promise<number[]> {
  const root = seeded ?? await findSeeded(connection, analysis, context.jobId)
  const seen = root === undefined ? undefined : await look(connection, root)
  if (seen === undefined) return []
  const taken = await discard(connection, seen.tree)
  if (taken > 0) log(`${taken} hive jobs that had not begun were discarded`)
  return inHand(seen.tree)
}
