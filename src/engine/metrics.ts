import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { addGauges, type Build, type Readings } from './gauges.ts'

export type Began = {
  /** How long it was at its gate, milliseconds; undefined where its process has none. */
  gateMs: number | undefined
  queueMs: number
  isFirst: boolean
  /** Another worker had it before, and was not heard of any more. */
  isTakenOver: boolean
}

export type JobMetrics = {
  began: (processName: string, began: Began) => void
  ended: (processName: string, outcome: string, ms: number) => void
}

export interface Metrics extends JobMetrics {
  /** `entry` is a key of the lookups, not the type of the event, so that strangers cannot make new labels. */
  accepted: (entry: string, repeated: boolean, ms: number) => void
  rejected: (code: string) => void
  refused: () => void
  notified: (kind: string, outcome: 'sent' | 'retried' | 'failed') => void
  /** Reports that the broker has taken, or that nobody will see. */
  reported: (outcome: 'sent' | 'dropped', count?: number) => void
  /** `route` is the pattern of the route, never the address that was asked for. */
  answered: (method: string, route: string, status: number, ms: number) => void
  ledger: (verb: string, ms: number) => void
  /** The numbers in Prometheus' text form. */
  text: () => Promise<string>
  readonly contentType: string
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const HTTP_SECONDS = [...SECONDS, 5, 10, 30]
const JOB_SECONDS = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600]

/** `readings` are asked on every scrape; where the datastore does not answer, the rest is still told. */
export function createMetrics (readings: Readings, build: Build): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addGauges(registry, readings, build)
  return {
    ...eventMetrics(registry),
    ...jobMetrics(registry),
    ...serviceMetrics(registry),
    text: () => registry.metrics(),
    contentType: registry.contentType
  }
}

function eventMetrics (registry: Registry): Pick<Metrics, 'accepted' | 'rejected' | 'refused'> {
  const registers = [registry]
  const accepted = new Counter({
    name: 'signalbox_events_accepted_total',
    help: 'Events accepted by type; repeated ones queue nothing',
    labelNames: ['type', 'repeated'],
    registers
  })
  const rejected = new Counter({
    name: 'signalbox_requests_rejected_total',
    help: 'Requests answered with an error, by code',
    labelNames: ['code'],
    registers
  })
  const refused = new Counter({
    name: 'signalbox_follow_on_events_refused_total',
    help: 'Follow-on events that started nothing: depth, fan-out, loop, not declared',
    registers
  })
  const dispatch = new Histogram({
    name: 'signalbox_dispatch_seconds',
    help: 'From reading an event to its being stored',
    buckets: SECONDS,
    registers
  })
  return {
    accepted: (entry, repeated, ms) => {
      accepted.inc({ type: entry, repeated: String(repeated) })
      dispatch.observe(ms / 1000)
    },
    rejected: (code) => { rejected.inc({ code }) },
    refused: () => { refused.inc() }
  }
}

function jobMetrics (registry: Registry): JobMetrics {
  const registers = [registry]
  const times = { labelNames: ['process'], buckets: JOB_SECONDS, registers }
  const jobs = new Histogram({
    name: 'signalbox_job_seconds',
    help: 'Run time of jobs by process and outcome',
    labelNames: ['process', 'outcome'],
    buckets: JOB_SECONDS,
    registers
  })
  const ended = new Counter({
    name: 'signalbox_jobs_total',
    help: 'Attempts of jobs that have ended here, by process and outcome',
    labelNames: ['process', 'outcome'],
    registers
  })
  const queueWait = new Histogram({
    name: 'signalbox_job_queue_wait_seconds',
    help: 'From being put on the queue to being begun for the first time',
    ...times
  })
  const gateWait = new Histogram({
    name: 'signalbox_job_gate_wait_seconds',
    help: 'From the event to being let through, of processes that have a gate',
    ...times
  })
  const takenOver = new Counter({
    name: 'signalbox_jobs_taken_over_total',
    help: 'Jobs that were begun again because the worker before was not heard of any more',
    labelNames: ['process'],
    registers
  })
  return {
    began: (process, { gateMs, queueMs, isFirst, isTakenOver }) => {
      if (isTakenOver) takenOver.inc({ process })
      if (!isFirst) return
      queueWait.observe({ process }, queueMs / 1000)
      if (gateMs !== undefined) gateWait.observe({ process }, gateMs / 1000)
    },
    ended: (process, outcome, ms) => {
      jobs.observe({ process, outcome }, ms / 1000)
      ended.inc({ process, outcome })
    }
  }
}

function serviceMetrics (registry: Registry): Pick<Metrics, 'notified' | 'reported' | 'answered' | 'ledger'> {
  const registers = [registry]
  const notified = new Counter({
    name: 'signalbox_notifications_total',
    help: 'Tries to send a notice, by kind and by what came of them',
    labelNames: ['kind', 'outcome'],
    registers
  })
  const reported = new Counter({
    name: 'signalbox_reports_total',
    help: 'Reports for the broker: sent, or dropped because it was away for too long',
    labelNames: ['outcome'],
    registers
  })
  const answered = new Histogram({
    name: 'signalbox_http_request_seconds',
    help: 'Requests by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: HTTP_SECONDS,
    registers
  })
  const ledger = new Histogram({
    name: 'signalbox_ledger_seconds',
    help: 'Answers of the ledger by verb',
    labelNames: ['verb'],
    buckets: SECONDS,
    registers
  })
  return {
    notified: (kind, outcome) => { notified.inc({ kind, outcome }) },
    reported: (outcome, count = 1) => { reported.inc({ outcome }, count) },
    answered: (method, route, status, ms) => { answered.observe({ method, route, status: String(status) }, ms / 1000) },
    ledger: (verb, ms) => { ledger.observe({ verb }, ms / 1000) }
  }
}
