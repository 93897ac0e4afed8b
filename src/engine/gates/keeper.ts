import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration } from '../../base/duration.ts'
import { jobIdOf } from '../../base/event.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import { FinalFailure, GATES_QUEUE, type Note, type Queues, type WorkerHandle, type WorkerJob } from '../../queues/contract.ts'
import { CANCELLED, cancelledBecause, type GateResult, type JobData } from '../record.ts'
import type { Settle } from '../dispatch/settle.ts'
import type { Rules } from '../lookups/gate-rules.ts'
import { MAX_ABSORBED, arrive, emptyGate, enter, isIdle, isOver, missingOf, pass, untilOver, waitOf, type Gate, type Passed, type Trigger, type Waiting } from './gate.ts'
import { gateName, keyAt, limitName } from '../dispatch/gate-key.ts'
import { isProcessPaused } from './pauses.ts'
import { pendingUpstream } from './pending.ts'
import { createRunning } from './running.ts'
import { absorbedBy, createThrough } from './through.ts'

const CONCURRENCY = 50
const MAX_STALLED = 1_000_000
/** A job at a gate is looked at again after an eighth of the time that it has waited: so the gate adds no more than that. */
const LOOK_PART = 8
const LOOK_MIN_MS = 200
const LOOK_MAX_MS = 10_000
/** An idle gate remembers for a while when it last let one through. */
const REMEMBER_MS = 60_000

type Dependencies = {
  queues: Queues
  lookups: () => Lookups
  settle: Settle
  /** Asks a running job to stop. */
  stop: (job: { queue: string, id: string }) => Promise<void>
  lockMs: number
  stalledMs: number
  retentionMs: number
  onError: (error: Error) => void
}

/** What a look at the gate came to: through, absorbed, or what is waited for and, where that is known, until when. */
type Look = { result: GateResult } | { wait: string, until?: number }

/** One job before its gate. */
type Visit = { job: WorkerJob, data: JobData, definition: Definition, rules: Rules, trigger: Trigger, key: string | undefined, name: string, now: number }

/**
 * Keeps the gates: the worker of the jobs that wait until they may be put on the queue of their process. All that is
 * decided is decided by one compare-and-set of the gate's note; what follows from it is done again by whoever finds it
 * undone, so that a keeper may die at any moment.
 */
export function startGateKeeper ({ queues, lookups, settle, stop, lockMs, stalledMs, retentionMs, onError }: Dependencies): WorkerHandle {
  const through = createThrough(queues)
  const live = createRunning(queues)
  /** Keepers of one process take turns at a gate instead of losing to each other. */
  const turns = new Map<string, Promise<unknown>>()

  async function run (job: WorkerJob): Promise<GateResult> {
    const data = job.data as JobData
    if (data.cancel !== undefined) throw new FinalFailure(CANCELLED)
    const definition = lookups().processes.get(data.process)
    if (definition === undefined) throw new FinalFailure(`process ${data.process} is no longer in process_lookup.json`)
    const look = definition.rules === undefined ? { result: await through.letThrough(data, definition) } : await inTurn(toVisit(job, data, definition, definition.rules))
    if ('result' in look) return look.result
    await say(job, look.wait)
    throw await job.postpone(pauseOf(job, look.until))
  }

  async function inTurn (visit: Visit): Promise<Look> {
    const turn = (turns.get(visit.name) ?? Promise.resolve()).then(() => lookAt(visit))
    const over = turn.catch(() => {})
    turns.set(visit.name, over)
    void over.then(() => { if (turns.get(visit.name) === over) turns.delete(visit.name) })
    return await turn
  }

  async function lookAt (visit: Visit): Promise<Look> {
    for (;;) {
      const [note] = await queues.readNotes<Gate>([visit.name])
      const look = await decide({ ...visit, now: Date.now() }, note)
      if (look !== 'again') return look
      await sleep(Math.random() * 20)
    }
  }

  /** One look at a gate; 'again' where somebody else changed it meanwhile. */
  async function decide (visit: Visit, note: Note<Gate> | undefined): Promise<Look | 'again'> {
    const { job, data, rules, trigger } = visit
    const round = data.round ?? 0
    const before = note?.value ?? emptyGate()
    // A keeper that died after the decision has left the rest to us.
    const mine = before.running.find((one) => one.event === trigger.event && one.round === round)
    if (mine !== undefined) return { result: await through.letThrough(data, visit.definition, mine) }
    const evidence = await through.absorbedBefore(job, before)
    if (evidence !== undefined) return { result: evidence }
    const merges = rules.merges && round === 0
    // Most come while another waits: they are absorbed, whatever runs.
    if (merges && before.waiting !== undefined && before.waiting.first.event !== trigger.event) return await decideMerging(visit, note, before)
    const gate: Gate = { ...before, running: await live.stillRunning(before.running, data.process) }
    return merges ? await decideMerging(visit, note, gate) : await decideInLine(visit, note, gate)
  }

  async function decideMerging (visit: Visit, note: Note<Gate> | undefined, gate: Gate): Promise<Look | 'again'> {
    const { job, data, definition, rules, trigger } = visit
    const { first } = gate.waiting ?? {}
    // Its job was cancelled, or is gone: the next trigger waits in its place.
    if (first !== undefined && first.event !== trigger.event && !await live.isAtGate(first.event, data.process)) {
      const { waiting: _waiting, ...rest } = gate
      await write(visit, note, rest)
      return 'again'
    }
    if (rules.onCollision === 'cancel_new' && gate.waiting === undefined && gate.running.length > 0) throw new FinalFailure(cancelledBecause(`job ${idOf(gate.running[0], data)} runs already`))
    const arrived = arrive(gate, trigger, rules)
    if (arrived === undefined) return { wait: `job ${idOf(first, data)}, which has absorbed as many as it may` }
    if (arrived.absorbedBy !== undefined) {
      // Kept where only this job's keeper writes: tells the next keeper where to look, should this one die here.
      await job.updateProgress({ absorbing: arrived.absorbedBy })
      if (!await write(visit, note, arrived.gate)) return 'again'
      return { result: absorbedBy(arrived.absorbedBy, data.process) }
    }
    const { waiting } = arrived.gate
    if (waiting === undefined) return 'again'
    const look = await waitAtFront(visit, arrived.gate, waiting) ?? await enterLimit(visit)
    if (look !== undefined) return waiting === gate.waiting || await write(visit, note, arrived.gate) ? look : 'again'
    const passed = pass(arrived.gate, waiting, definition.queue, Date.now())
    if (!await write(visit, note, passed)) return 'again'
    return { result: await through.letThrough(data, definition, passed.running.at(-1)) }
  }

  /** What the one trigger that waits at a merging gate waits for; undefined where for nothing. */
  async function waitAtFront (visit: Visit, gate: Gate, waiting: Waiting): Promise<Look | undefined> {
    const { data, definition, rules, key, now } = visit
    const { expiresMs } = definition
    const fail = async (reason: string): Promise<never> => {
      const { waiting: _waiting, ...rest } = gate
      await forget(visit, rest)
      throw new FinalFailure(reason)
    }
    if (expiresMs !== undefined && now - waiting.latest.at >= expiresMs) await fail(cancelledBecause(`it waited longer than ${formatDuration(expiresMs)}`))
    if (await isProcessPaused(queues, data.process)) return pausedLook(data)
    const missing = missingOf(waiting, rules.waitFor?.all ?? [])
    if (missing.length > 0 && rules.waitFor?.onTimeout === 'fail' && isOver(waiting, rules.waitFor.withinMs, now)) await fail(`waited ${formatDuration(now - waiting.first.at)} for an event of ${missing.join(' and of ')}`)
    const wait = waitOf(gate, rules, now)
    if (wait !== undefined) return { wait: wait.for, ...(wait.until === undefined ? {} : { until: wait.until }) }
    const [running] = gate.running
    if (running !== undefined) {
      if (rules.onCollision === 'cancel_running') await stop({ queue: running.queue, id: idOf(running, data) })
      return { wait: `job ${idOf(running, data)} of the same key to end` }
    }
    if (rules.defer === undefined || key === undefined) return undefined
    const merged = waiting.absorbed.length < MAX_ABSORBED ? new Set([waiting.first, ...waiting.absorbed].map(({ event }) => event)) : undefined
    const pending = await pendingUpstream({ queues, lookups, settle }, { process: data.process, key, merged })
    if (pending === undefined) return undefined
    if (!isOver(waiting, rules.defer.withinMs, now)) return { wait: pending, ...untilOver(waiting, rules.defer.withinMs) }
    return rules.defer.onTimeout === 'run' ? undefined : await fail(`waited ${formatDuration(now - waiting.first.at)} for ${pending}`)
  }

  /** At a gate that merges nothing, and for what is retried: first come, first through, as far as there is room. */
  async function decideInLine (visit: Visit, note: Note<Gate> | undefined, gate: Gate): Promise<Look | 'again'> {
    const { data, definition, rules, trigger, now } = visit
    if (definition.expiresMs !== undefined && now - trigger.at >= definition.expiresMs && data.round === undefined) throw new FinalFailure(cancelledBecause(`it waited longer than ${formatDuration(definition.expiresMs)}`))
    if (await isProcessPaused(queues, data.process)) return pausedLook(data)
    if (rules.perKey === undefined) return await enterLimit(visit) ?? { result: await through.letThrough(data, definition) }
    const one: Passed & { at: number } = { event: trigger.event, queue: definition.queue, round: data.round ?? 0, latest: trigger.event, absorbed: [], at: trigger.at }
    const line = await Promise.all(gate.line.map(async (other) => other.event === trigger.event || await live.isAtGate(other.event, data.process)))
    const entered = enter({ ...gate, line: gate.line.filter((_, i) => line[i]) }, one, rules.perKey)
    if (entered.ahead > 0) {
      const [oldest] = entered.gate.running
      if (oldest !== undefined && rules.onCollision === 'cancel_new') throw new FinalFailure(cancelledBecause(`job ${idOf(oldest, data)} runs already`))
      if (oldest !== undefined && rules.onCollision === 'cancel_running') await stop({ queue: oldest.queue, id: idOf(oldest, data) })
      const written = await write(visit, note, entered.gate)
      return written ? { wait: `room: ${entered.gate.running.length} of its key run, ${entered.ahead - 1} are before it` } : 'again'
    }
    const room = await enterLimit(visit)
    if (room !== undefined) return room
    if (!await write(visit, note, entered.gate)) return 'again'
    return { result: await through.letThrough(data, definition, one) }
  }

  /** The limit over all keys of a process, where it has one. A place that is taken and not used is found free again. */
  async function enterLimit (visit: Visit): Promise<Look | undefined> {
    const { data, definition, rules, trigger } = visit
    if (rules.concurrency === undefined) return undefined
    const name = limitName(data.process)
    for (;;) {
      const [note] = await queues.readNotes<Gate>([name])
      const before = note?.value ?? emptyGate()
      const line = await Promise.all(before.line.map(async (other) => other.event === trigger.event || await live.isAtGate(other.event, data.process)))
      const gate: Gate = { running: await live.stillRunning(before.running, data.process), line: before.line.filter((_, i) => line[i]) }
      const entered = enter(gate, { event: trigger.event, queue: definition.queue, round: data.round ?? 0, latest: trigger.event, absorbed: [], at: trigger.at }, rules.concurrency)
      const [oldest] = gate.running
      if (entered.ahead > 0 && oldest !== undefined && rules.perKey === undefined && !rules.merges) {
        if (rules.onCollision === 'cancel_new') throw new FinalFailure(cancelledBecause(`${gate.running.length} jobs of ${data.process} run already`))
        if (rules.onCollision === 'cancel_running') await stop({ queue: oldest.queue, id: idOf(oldest, data) })
      }
      if (await queues.writeNote(name, note, entered.gate, retentionMs)) return entered.ahead === 0 ? undefined : { wait: `room: ${gate.running.length} jobs of ${data.process} run, ${entered.ahead - 1} are before it` }
      await sleep(Math.random() * 20)
    }
  }

  async function write ({ name, rules }: Visit, note: Note<Gate> | undefined, gate: Gate): Promise<boolean> {
    return await queues.writeNote(name, note, gate, isIdle(gate) ? Math.max(rules.quietMs, rules.throttleMs) + REMEMBER_MS : retentionMs)
  }

  /** Takes the waiting trigger away; where another was faster, that one finds its job gone. */
  async function forget (visit: Visit, gate: Gate): Promise<void> {
    const [note] = await queues.readNotes<Gate>([visit.name])
    if (note?.value.waiting?.first.event === visit.trigger.event) await write(visit, note, { ...note.value, ...gate, waiting: undefined } as Gate)
  }

  return queues.worker(GATES_QUEUE, run, { concurrency: CONCURRENCY, lockMs, stalledMs, maxStalled: MAX_STALLED, onError })
}

function toVisit (job: WorkerJob, data: JobData, definition: Definition, rules: Rules): Visit {
  const key = keyAt(rules.by, data.event, data.lineage)
  return { job, data, definition, rules, key, now: 0, name: gateName(data.process, key, data.key), trigger: { event: data.key, type: data.event.type, at: job.createdAt } }
}

const idOf = (one: { event: string } | undefined, { process: processName }: JobData): string => one === undefined ? '' : jobIdOf(one.event, processName)

const pausedLook = ({ process: processName }: JobData): Look => ({ wait: `process ${processName}, which is paused` })

/** Written only when it changes: a job may wait for days. */
async function say (job: WorkerJob, wait: string): Promise<void> {
  const known = job.progress as { waiting_for?: string } | undefined
  if (known?.waiting_for !== wait) await job.updateProgress({ ...known, waiting_for: wait })
}

function pauseOf ({ createdAt }: WorkerJob, until: number | undefined): number {
  const now = Date.now()
  const pause = Math.min(Math.max((now - createdAt) / LOOK_PART, LOOK_MIN_MS), LOOK_MAX_MS)
  return until === undefined ? pause : Math.min(pause, Math.max(until - now, 1))
}
