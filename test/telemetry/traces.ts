import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readTraceparent } from '../../src/base/trace.ts'
import type { OtlpSpan } from '../../src/telemetry/otlp.ts'
import { readTelemetry } from '../../src/telemetry/settings.ts'
import { openTracer } from '../../src/telemetry/tracer.ts'
import { startFakeService } from '../fixtures/fake-service.ts'
import { HOME } from '../fixtures/places.ts'
import { openAnyBackend, until } from '../fixtures/servers.ts'
import { openService, step } from '../fixtures/service.ts'
import { startCollector } from './fixtures/collector.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SENDER = `00-${TRACE}-b7ad6b7169203331-01`

t.jobs = 1

const backend = await openAnyBackend()
t.teardown(backend.close)

const named = (spans: OtlpSpan[], name: string): OtlpSpan[] => spans.filter((span) => span.name === name)
const attribute = ({ attributes }: OtlpSpan, key: string): unknown => Object.values(attributes.find((one) => one.key === key)?.value ?? {})[0]

t.test('a trace goes from the header of a request through event, gate, queue, run and call to the follow-on events', async (t) => {
  const collector = await startCollector(t, 1)
  const { url, seen } = await startFakeService({ after: (run) => { t.teardown(async () => { await run() }) } }, { body: { output: 1 } })
  const command = ['bash', '-c', 'echo "{\\"output\\": \\"$TRACEPARENT\\"}"']
  const { call, service } = await openService(t, {
    backend: backend.url,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, OTEL_EXPORTER_OTLP_HEADERS: 'x-team=a%20b', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test' },
    lookups: {
      events: { arrived: ['first', 'remote', 'program', 'foreign'], went_on: ['second'], many: [] },
      processes: {
        first: step({ emits: ['went_on'], params: { default: { emit: [{ type: 'went_on' }] } } }),
        second: step({ limit: { concurrency: 1 }, emits: ['many'], params: { default: { emit: Array.from({ length: 21 }, () => ({ type: 'many' })) } } }),
        remote: { run: { http: { url } } },
        program: { run: { command } },
        foreign: { run: { external: true } }
      }
    }
  })
  const { body } = await call('POST', '/jobs?verbose=true', { type: 'arrived', subject: 'ada' }, { traceparent: SENDER })
  const jobOf = (name: string): string => body.processes.find((one: { process: string }) => one.process === name).job
  const ended = async (name: string): Promise<boolean> => (await call('GET', `/jobs/${name}/${jobOf(name)}`)).body.status === 'complete'
  await until(async () => await ended('first') && await ended('remote') && await ended('program'), 'the jobs')
  await until(() => named(collector.spans, 'accept many').length === 21, 'the spans of what followed')
  await until(() => named(collector.spans, 'run program').length === 1, 'the span of the program')
  const { spans } = collector

  const [accept] = named(spans, 'accept arrived')
  t.match(accept, { traceId: TRACE, parentSpanId: 'b7ad6b7169203331', kind: 2, status: { code: 1 } }, 'the request is that of the sender')
  const [run] = named(spans, 'run first')
  t.match(run, { traceId: TRACE, parentSpanId: accept?.spanId, kind: 5 })
  t.match(named(spans, 'queue first'), [{ traceId: TRACE, parentSpanId: accept?.spanId }])
  const [followOn] = named(spans, 'accept went_on')
  t.match(followOn, { traceId: TRACE, parentSpanId: run?.spanId }, 'what follows belongs to the run that caused it')
  const [second] = named(spans, 'run second')
  t.match(second, { traceId: TRACE, parentSpanId: followOn?.spanId })
  t.match(named(spans, 'gate second'), [{ parentSpanId: followOn?.spanId }], 'a wait at a gate is a span')

  const flood = named(spans, 'accept many')
  t.equal(new Set(flood.map(({ traceId }) => traceId)).size, 21, 'a fan-out begins a trace for each')
  t.match(flood[0]?.links, [{ traceId: TRACE, spanId: second?.spanId }], 'which links to the run')
  t.equal(flood[0]?.parentSpanId, undefined)

  const [remote] = named(spans, 'run remote')
  const [outgoing] = spans.filter(({ name, kind }) => kind === 3 && name.startsWith('POST '))
  t.match(outgoing, { traceId: TRACE, parentSpanId: remote?.spanId })
  t.equal(seen[0]?.headers['traceparent'], `00-${TRACE}-${outgoing?.spanId}-01`, 'the service that is called goes on with the call')
  const [program] = named(spans, 'run program')
  const told = (await call('GET', `/jobs/program/${jobOf('program')}`)).body.output
  t.equal(told, `00-${TRACE}-${program?.spanId}-01`, 'a program has it in TRACEPARENT')
  t.equal(attribute(run as OtlpSpan, 'signalbox.process'), 'first')
  t.match(collector.resources, [{ key: 'service.name', value: { stringValue: 'signalbox' } }])
  t.equal(collector.headers[0], 'a b')
  await service.stop()
  t.ok(spans.every(({ startTimeUnixNano, endTimeUnixNano }) => BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano)))
  if (process.env['SIGNALBOX_PICTURE'] !== undefined) writeFileSync(process.env['SIGNALBOX_PICTURE'], JSON.stringify(spans.filter(({ traceId }) => traceId === TRACE)))
})

t.test('one run that answers several triggers links to the events of all', async (t) => {
  const collector = await startCollector(t)
  const { call } = await openService(t, {
    backend: backend.url,
    env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`, SIGNALBOX_PREFIX: '{merge}' },
    lookups: { events: { changed: ['merged'] }, processes: { merged: step({ coalesce: { by: 'subject', quiet: '1s' } }) } }
  })
  for (let i = 0; i < 3; i++) await call('POST', '/jobs', { type: 'changed', subject: 'ada', id: `changed-${i}`, source: '/t' })
  await until(() => named(collector.spans, 'run merged').length === 1, 'the run')
  const accepts = named(collector.spans, 'accept changed')
  const [run] = named(collector.spans, 'run merged')
  t.equal(accepts.length, 3)
  const own = accepts.find(({ traceId }) => traceId === run?.traceId)
  t.same(new Set(run?.links.map(({ spanId }) => spanId)), new Set(accepts.filter((one) => one !== own).map(({ spanId }) => spanId)))
})

t.test('without a collector nothing is traced, and the context of the sender still goes on', async (t) => {
  const { call } = await openService(t, {
    backend: backend.url,
    lookups: { events: { quiet: ['program'] }, processes: { program: { run: { command: ['bash', '-c', 'echo "{\\"output\\": \\"$TRACEPARENT\\"}"'] } } } }
  })
  const { body: [[, id]] } = await call('POST', '/jobs', { type: 'quiet', traceparent: SENDER })
  await until(async () => (await call('GET', `/jobs/program/${id}`)).body.status === 'complete', 'the job')
  t.equal((await call('GET', `/jobs/program/${id}`)).body.output, SENDER)
  const sources = ['tracing.ts', 'base.ts'].map((name) => readFileSync(join(HOME, 'src', 'roles', name), 'utf8'))
  t.notMatch(sources.join(''), /^import(?! type).*telemetry/m, 'it is loaded only where it is used')
})

t.test('only what W3C calls a traceparent is taken for one', async (t) => {
  t.equal(readTraceparent(SENDER), SENDER)
  for (const wrong of ['', 'ff' + SENDER.slice(2), `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `00-${TRACE}-${'0'.repeat(16)}-01`, SENDER.toUpperCase(), `${SENDER}-x`, 7, undefined]) {
    t.equal(readTraceparent(wrong), undefined, String(wrong))
  }
})

t.test('settings are those that OpenTelemetry has named', async (t) => {
  const about = { version: '1', host: 'h' }
  t.equal(readTelemetry({}, about), undefined)
  t.equal(readTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' }, about), undefined)
  t.match(readTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SERVICE_NAME: 'dumps' }, about), { url: 'http://c:4318/v1/traces', ratio: 1, resource: { 'service.name': 'dumps' } })
  t.match(readTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }, about), { ratio: 0.1 })
})

t.test('a sender that is not sampled is not traced, and a collector that is away costs spans only', async (t) => {
  const collector = await startCollector(t)
  const failures: string[] = []
  const settings = { url: `${collector.url}/v1/traces`, headers: {}, resource: {}, ratio: 1, timeoutMs: 5000 }
  const tracer = openTracer(settings, (error) => { failures.push(error.message) })
  tracer.span({ name: 'unsampled', parent: `${SENDER.slice(0, -2)}00` }).end()
  tracer.span({ name: 'failed' }).end({ error: 'why' })
  await tracer.close()
  t.match(collector.spans, [{ name: 'failed', status: { code: 2, message: 'why' } }])
  const lost = openTracer({ ...settings, url: `${collector.url}/elsewhere` }, (error) => { failures.push(error.message) })
  lost.span({ name: 'lost' }).end()
  await lost.close()
  t.match(failures, [/1 spans were not taken by .*: it answered 404/])
})
