import { randomUUID } from 'node:crypto'
import type { FlowJob, JobsOptions } from 'bullmq'
import type { PlainJob } from './bare-bullmq.ts'
import { EVENTS_QUEUE, PROCESSES, newEvent } from './event.ts'

type Options = Omit<JobsOptions, 'deduplication'>

const AGE_S = 30 * 24 * 3600
const keep = (age: number): Options => ({ ignoreDependencyOnFailure: true, removeOnComplete: { age }, removeOnFail: { age } })
const ROOT: Options = { ...keep(AGE_S), attempts: 1_000_000, backoff: { type: 'record' } }
const CHILD: Options = { ...keep(2 * AGE_S), attempts: 1 }

/** One event as a flow: a record of it, which ends when its two jobs have. */
export function eventFlow (): FlowJob {
  const key = randomUUID()
  const event = { ...newEvent(`genome-${key}`), id: key, source: '/jobs' }
  const lineage = { root: key, depth: 0, above: [] }
  const jobs = PROCESSES.map((name) => ({ process: name, id: `${key}.${name}`, queue: name }))
  return {
    name: event.type,
    queueName: EVENTS_QUEUE,
    data: { ...lineage, event, jobs, lookups: 'sha256:0123456789ab', received: new Date().toISOString() },
    opts: { ...ROOT, jobId: key },
    children: jobs.map(({ process: name, id, queue }) => ({ name, queueName: queue, data: { process: name, key, event, lineage }, opts: { ...CHILD, jobId: id } }))
  }
}

/** The same two jobs with nothing that keeps them together. */
export function plainJobs (): PlainJob[] {
  const key = randomUUID()
  const event = { ...newEvent(`genome-${key}`), id: key, source: '/jobs' }
  const lineage = { root: key, depth: 0, above: [] }
  const age = { age: 2 * AGE_S }
  return PROCESSES.map((name) => ({
    queue: name,
    name,
    data: { process: name, key, event, lineage },
    opts: { attempts: 1, jobId: `${key}.${name}`, removeOnComplete: age, removeOnFail: age }
  }))
}

/** The record of the event that a job generated. */
export function followOnFlow (job: { id: string, process: string, key: string, subject: string }): FlowJob {
  const key = `f${randomUUID()}`
  const event = { type: 'bench_done', subject: job.subject, id: '0', source: `/jobs/${job.process}/${job.id}` }
  const cause = { event: job.key, process: job.process, job: job.id, index: 0 }
  return {
    name: event.type,
    queueName: EVENTS_QUEUE,
    data: { root: job.key, depth: 1, above: [['bench', job.subject]], cause, event, jobs: [], lookups: 'sha256:0123456789ab', received: new Date().toISOString() },
    opts: { ...ROOT, jobId: key }
  }
}
