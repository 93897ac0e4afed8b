import type { KeyedEvent } from '../../base/event.ts'
import { gateIdOf } from './gate-key.ts'
import { marksOf } from './upstream.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import type { Plan } from './plan.ts'
import { EVENTS_QUEUE, GATES_QUEUE, type JobOptions, type NewJob, type Tree } from '../../queues/contract.ts'
import { childrenOf, type EventRecord, type JobData, type Lineage, type RecordedJob } from '../record.ts'

/** Errors at a gate are those of the datastore. */
const GATE_ATTEMPTS = 1_000_000
const GATE_BACKOFF_MS = 1000

/** What is written for an event: its record, the jobs of its plan under it, and its marks. Pure. */
export function toTree ({ event, key, given }: KeyedEvent, plan: Plan, lookups: Lookups, lineage: Lineage, more: Pick<EventRecord, 'cause' | 'replays' | 'refused' | 'parent'>): Tree {
  const jobs = plan.jobs.map(({ process: name, jobId, queue, gated, withEvent }): RecordedJob => ({ process: name, id: jobId, queue, ...(gated ? { gated } : {}), ...(withEvent === undefined ? {} : { withEvent }) }))
  const record: EventRecord = { ...lineage, ...more, event, jobs, ...(plan.keep ? { keep: true } : {}), lookups: lookups.hash, received: new Date().toISOString() }
  const children = plan.jobs.map((job): NewJob => {
    const data: JobData = {
      process: job.process,
      key,
      event,
      lineage,
      ...(job.withEvent === undefined ? {} : { withEvent: job.withEvent }),
      ...(more.parent === undefined ? {} : { parent: more.parent }),
      ...(job.problems.length === 0 ? {} : { refused: job.problems.map(({ field, message }) => `${field} ${message}`).join('; ') })
    }
    return job.gated ? toGateJob(job.jobId, job.process, { ...data, attempts: lookups.processes.get(job.process)?.attempts ?? 1 }) : { queue: job.queue, id: job.jobId, name: job.process, data, options: toOptions(lookups.processes.get(job.process)) }
  })
  const marks = [...marksOf(record, lookups), ...(more.parent === undefined ? [] : [childrenOf(more.parent)])]
  return { root: { queue: EVENTS_QUEUE, id: key, name: event.type, data: record }, children, mayExist: given, ...(marks.length === 0 ? {} : { marks }) }
}

/** The job that waits at the gate of a process. It is never given up: what it waits for is told to whoever asks. */
export function toGateJob (jobId: string, processName: string, data: JobData): NewJob {
  return { queue: GATES_QUEUE, id: gateIdOf(jobId), name: processName, data, options: { attempts: GATE_ATTEMPTS, backoff: { type: 'fixed', delay: GATE_BACKOFF_MS } } }
}

export function toOptions (definition: Definition | undefined): JobOptions {
  if (definition === undefined) return {}
  const { attempts, backoff, priority } = definition
  return { attempts, ...(backoff === undefined ? {} : { backoff }), ...(priority === 0 ? {} : { priority }) }
}
