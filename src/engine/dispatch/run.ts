import type { DispatchEvent } from '../../base/event.ts'
import type { QueuedJob, QueuedJobOptions } from '../../ledger/contract.ts'
import { readRoundId, roundId } from '../documents/names.ts'
import type { EventDocument, EventJob } from '../documents/event.ts'
import type { Definition } from '../lookups/lookups.ts'

/** What is on the queue of a process: our workers ask the ledger for the rest. */
export type RunData = { job: string, round: number }

/** A round as one worker has it: `taken` tells it from those that had it before. */
export type HeldRun = RunData & { taken?: number | undefined }

/** What a foreign worker is given beside that. */
export type ForeignData = RunData & {
  process: string
  key: string
  event: DispatchEvent
  lineage: { root: string, depth: number, above: Array<[type: string, subject: string | undefined]> }
  parent?: string | undefined
  withEvent?: true | undefined
  /** When its event was accepted, milliseconds. */
  accepted: number
  /** Of a job that was at a gate: how many other triggers it answers, and of a join the last event of each leg. */
  absorbed?: number | undefined
  joined?: Record<string, DispatchEvent> | undefined
  /** W3C trace context, for the spans of who works on it. */
  traceparent?: string | undefined
}

export type Run = {
  key: string
  job: EventJob
  round: number
  document: EventDocument
  /** The event with which it runs, where that is not its own. */
  latest?: DispatchEvent | undefined
  absorbed?: number | undefined
  joined?: Record<string, DispatchEvent> | undefined
}

export const isForeign = (definition: Definition | undefined): boolean =>
  definition !== undefined && 'external' in definition.run

/** A round of a job for its queue. The record says on which queue it lies, whatever the lookups say by now. */
export function toRun (run: Run, definition: Definition | undefined): QueuedJob {
  const { job, round } = run
  return {
    queue: job.queue,
    id: roundId(job.id, round),
    name: job.process,
    data: isForeign(definition) ? toForeignData(run) : toRunData(job.id, round),
    options: optionsOf(definition)
  }
}

const toRunData = (job: string, round: number): RunData => ({ job, round })

function toForeignData ({ key, job, round, document, latest, absorbed, joined }: Run): ForeignData {
  const { event, root, depth, above, parent, at } = document
  return {
    ...toRunData(job.id, round),
    process: job.process,
    key,
    event: latest ?? event,
    lineage: { root, depth, above: above.map(({ type, subject }) => [type, subject]) },
    parent,
    withEvent: job.withEvent,
    accepted: at,
    absorbed,
    joined,
    traceparent: document.trace
  }
}

function optionsOf (definition: Definition | undefined): QueuedJobOptions {
  if (definition === undefined) return {}
  const { attempts, backoff, priority } = definition
  return {
    attempts,
    backoff,
    priority: priority === 0 ? undefined : priority,
    keep: isForeign(definition) ? true : undefined
  }
}

/** Which round of which job lies on a queue: by its data, or by its name where a foreign hand has changed them. */
export function runOf (id: string, data: unknown): RunData {
  const given: Partial<RunData> = typeof data === 'object' && data !== null ? data : {}
  if (typeof given.job === 'string' && typeof given.round === 'number') return { job: given.job, round: given.round }
  return readRoundId(id)
}
