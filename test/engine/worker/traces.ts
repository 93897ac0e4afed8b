import t from 'tap'
import type { Span, SpanGiven, Tracer } from '../../../src/base/trace.ts'
import { traceRun } from '../../../src/engine/worker/traces.ts'
import type { StepReport } from '../../../src/sdk/steps/reports.ts'

type Told = Parameters<Span['end']>[0]
const parent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`

async function open () {
  const spans: Array<SpanGiven & { told?: Told }> = []
  const tracer: Tracer = {
    isOn: true,
    span: (given) => {
      const span: SpanGiven & { told?: Told } = { ...given }
      spans.push(span)
      return { traceparent: parent, end: (told = {}) => { span.told ??= told } }
    }
  }
  const work = { job: { id: 'e.p', process: 'p' }, event: { at: 0, event: { type: 'e' }, trace: parent }, traces: [], absorbed: 0 }
  const trace = await traceRun({ tracer, ledger: {} as never }, { attempt: 2 }, work as never, 0)
  return { trace, steps: () => spans.filter(({ name }) => name.startsWith('step')).map(({ name, parent: of, told }) => ({ name, of, error: told?.error, ...told?.attributes })) }
}

const step = (place: number, state: StepReport['state'], more: Partial<StepReport> = {}): StepReport => ({ place, name: `s${place}`, state, tries: 1, ...more })

t.test('each step is a span below its run, with its outcome and tries; messages of progress make none beside them', async (t) => {
  const { trace, steps } = await open()
  trace.named(step(0, 'running'))
  trace.step({ complete: 1, message: 'under way' })
  trace.named(step(1, 'reused', { tries: 0 }))
  trace.named(step(0, 'failed', { reason: 'no luck', tries: 3 }))
  trace.named(step(2, 'running'))
  trace.end('failed', 'no luck', undefined)
  t.match(steps(), [
    { name: 'step s0', of: parent, error: 'no luck', 'signalbox.outcome': 'failed', 'signalbox.tries': 3 },
    { name: 'step s1', of: parent, error: undefined, 'signalbox.outcome': 'reused' },
    { name: 'step s2', of: parent, error: 'interrupted' }
  ])
  t.equal(steps().length, 3)
})

t.test('a process without steps has a span for each message of its progress', async (t) => {
  const { trace, steps } = await open()
  for (const message of ['read', 'read', 'write']) trace.step({ complete: 1, message })
  trace.end('complete', undefined, undefined)
  t.match(steps(), [{ name: 'step' }, { name: 'step' }])
})
