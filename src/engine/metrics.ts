import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { QueueCounts } from '../queues/work.ts'

export type JobMetrics = { ended: (processName: string, outcome: string, ms: number) => void }

export interface Metrics extends JobMetrics {
  /** `entry` is a key of the lookups, not the type of the event, so that strangers cannot make new labels. */
  accepted: (entry: string, repeated: boolean, ms: number) => void
  rejected: (code: string) => void
  refused: () => void
  notified: (kind: string, outcome: 'sent' | 'retried' | 'failed') => void
  /** Reports that the broker has taken, or that nobody will see. */
  reported: (outcome: 'sent' | 'dropped', count?: number) => void
  /** The numbers in Prometheus' text form. */
  text: () => Promise<string>
  readonly contentType: string
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const JOB_SECONDS = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600]

/** `depths` is asked on every scrape; where the datastore does not answer, the rest is still told. */
export function createMetrics ({ depths }: { depths: () => Promise<Map<string, QueueCounts>> }): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
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
  const jobs = new Histogram({
    name: 'signalbox_job_seconds',
    help: 'Run time of jobs by process and outcome',
    labelNames: ['process', 'outcome'],
    buckets: JOB_SECONDS,
    registers
  })
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
  const queued = new Gauge({
    name: 'signalbox_queue_jobs',
    help: 'Jobs in each queue by state',
    labelNames: ['queue', 'state'],
    registers,
    async collect () {
      const found = await depths().catch(() => new Map<string, QueueCounts>())
      this.reset()
      for (const [queue, counts] of found) {
        for (const state of ['waiting', 'active', 'delayed', 'blocked', 'completed', 'failed'] as const) {
          queued.set({ queue, state }, counts[state])
        }
      }
    }
  })
  return {
    accepted: (entry, repeated, ms) => {
      accepted.inc({ type: entry, repeated: String(repeated) })
      dispatch.observe(ms / 1000)
    },
    rejected: (code) => { rejected.inc({ code }) },
    refused: () => { refused.inc() },
    notified: (kind, outcome) => { notified.inc({ kind, outcome }) },
    reported: (outcome, count = 1) => { reported.inc({ outcome }, count) },
    ended: (process, outcome, ms) => { jobs.observe({ process, outcome }, ms / 1000) },
    text: () => registry.metrics(),
    contentType: registry.contentType
  }
}
