import { digest } from '../../base/event.ts'
import type { Span, Tracer } from '../../base/trace.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerJob } from '../../queues/work.ts'
import type { Progress } from '../../sdk/process.ts'
import type { StepReport } from '../../sdk/steps/reports.ts'
import { documentOf } from '../dispatch/ending.ts'
import { readEvents } from '../dispatch/facts.ts'
import { MOST_IN_ONE } from '../dispatch/following.ts'
import type { Settled } from '../dispatch/settle-job.ts'
import { eventOfJob, readAbsorbedMember, sets } from '../documents/names.ts'
import type { Work } from '../jobs/begin.ts'

/** Absorbed triggers that a run links to. */
const MOST_LINKS = 50

/** How long a job waited, milliseconds. */
export type Waits = { gateMs: number | undefined, queueMs: number, queuedAt: number }

/** The spans of a run of a job, and what its follow-on events are told of it. */
export interface RunTrace {
  readonly traceparent: string | undefined
  readonly traceOf: (key: string, many: boolean) => string | undefined
  step: (progress: Progress) => void
  /** A span for each named step; where there are such, messages of progress make none. */
  named: (step: StepReport) => void
  call: (name: string) => Span
  /** `at`: when the run ended, milliseconds; now by default. */
  end: (outcome: string, reason: string | undefined, settled: Settled | undefined, at?: number) => void
}

type Given = { tracer: Tracer, ledger: Pick<Ledger, 'get' | 'list'> }

export function waitsOf (work: Work, started: number): Waits {
  const { queuedAt = work.event.at } = documentOf(work)
  const gateMs = work.job.gate === undefined ? undefined : Math.max(0, queuedAt - work.event.at)
  return { gateMs, queueMs: Math.max(0, started - queuedAt), queuedAt }
}

/** Where nothing is traced, what came with the event goes on with those that follow. */
export function passing (traceparent: string | undefined): RunTrace {
  const call = (): Span => ({ traceparent, end: () => {} })
  return { traceparent, traceOf: () => traceparent, step: () => {}, named: () => {}, call, end: () => {} }
}

export async function traceRun (
  { tracer, ledger }: Given,
  { attempt }: Pick<WorkerJob, 'attempt'>,
  work: Work,
  started: number
): Promise<RunTrace> {
  const { job, event } = work
  const parent = event.trace
  const { type } = event.event
  const attributes = { 'signalbox.process': job.process, 'signalbox.job': job.id, 'signalbox.event.type': type }
  const { gateMs, queuedAt } = waitsOf(work, started)
  if (attempt === 1) {
    if (gateMs !== undefined) {
      tracer.span({ name: `gate ${job.process}`, parent, start: event.at, attributes }).end({ at: queuedAt })
    }
    tracer.span({ name: `queue ${job.process}`, parent, start: queuedAt, attributes }).end({ at: started })
  }
  const links = await linksOf(ledger, work)
  const run = tracer.span({
    name: `run ${job.process}`,
    kind: 'consumer',
    parent,
    links,
    start: started,
    attributes: { ...attributes, 'signalbox.attempt': attempt, 'signalbox.absorbed': work.absorbed }
  })
  return spansOf(tracer, run)
}

function spansOf (tracer: Tracer, run: Span): RunTrace {
  const { traceparent = '' } = run
  let step: { message: string, span: Span } | undefined
  const named = createNamed(tracer, traceparent)
  const traceOf = (key: string, many: boolean): string => followOnTrace(traceparent, key, many)
  return {
    traceparent,
    traceOf,
    step: ({ message }) => {
      if (message === undefined || message === step?.message || named.isUsed()) return
      step?.span.end()
      const span = tracer.span({ name: 'step', parent: traceparent, attributes: { 'signalbox.step': message } })
      step = { message, span }
    },
    named: named.take,
    call: (name) => tracer.span({ name, kind: 'client', parent: traceparent }),
    end: (outcome, reason, settled, at) => {
      step?.span.end()
      named.end()
      const error = outcome === 'complete' ? undefined : reason ?? outcome
      run.end({ error, at, attributes: { 'signalbox.outcome': outcome } })
      const events = settled?.dropped === false ? settled.events : []
      for (const { key, type, refused } of events) {
        if (key === undefined) continue
        const as = traceOf(key, events.length > MOST_IN_ONE)
        const attributes = { 'signalbox.event': key }
        tracer.span({ name: `accept ${type}`, parent: traceparent, as, attributes }).end({ error: refused })
      }
    }
  }
}

/** The spans of the named steps of a run. */
function createNamed (tracer: Tracer, parent: string): {
  take: (step: StepReport) => void
  isUsed: () => boolean
  end: () => void
} {
  const open = new Map<number, Span>()
  let isUsed = false
  return {
    take: ({ place, name, state, tries, reason }) => {
      isUsed = true
      const attributes = { 'signalbox.step': name }
      const span = open.get(place) ?? tracer.span({ name: `step ${name}`, parent, attributes })
      open.set(place, span)
      if (state === 'running') return
      open.delete(place)
      const error = state === 'failed' || state === 'interrupted' ? reason ?? state : undefined
      span.end({ error, attributes: { 'signalbox.outcome': state, 'signalbox.tries': tries } })
    },
    isUsed: () => isUsed,
    end: () => { for (const span of open.values()) span.end({ error: 'interrupted' }) }
  }
}

/** The same however often it is made: whoever settles writes it, and whoever has settled sends its span. */
function followOnTrace (run: string, key: string, many: boolean): string {
  const [version, trace, , flags] = run.split('-')
  return [version, many ? digest(['trace', key]) : trace, digest(['span', key]).slice(0, 16), flags].join('-')
}

/** The events whose work a run does beside that of its own. */
async function linksOf (ledger: Given['ledger'], work: Work): Promise<Array<string | undefined>> {
  if (work.absorbed === 0) return work.traces
  const page = await ledger.list(sets.absorbed(work.job.id), { limit: MOST_LINKS })
  const events = await readEvents(ledger, page.map(([, member]) => eventOfJob(readAbsorbedMember(member).job)))
  return [...new Set([...work.traces, ...events.map((event) => event?.value.trace)])]
}
