import { Redis } from 'ioredis'
import t from 'tap'
import { openWork } from '../../src/queues/open-work.ts'
import type { OtlpSpan } from '../../src/telemetry/otlp.ts'
import { openTracer } from '../../src/telemetry/tracer.ts'
import { BACKENDS, missing, openBackend, until } from '../fixtures/servers.ts'
import { openService, step } from '../fixtures/service.ts'
import { startCollector } from './fixtures/collector.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SENDER = `00-${TRACE}-b7ad6b7169203331-01`
const LOOKUPS = {
  events: { arrived: ['far'], broken: ['far'], went_on: ['near'] },
  processes: { far: { run: { external: true }, attempts: 1, emits: ['went_on'] }, near: step() }
}

t.jobs = 1

const named = (spans: OtlpSpan[], name: string): OtlpSpan[] => spans.filter((span) => span.name === name)

for (const name of BACKENDS.filter((one) => one !== 'pglite')) {
  t.test(`on ${name} a foreign worker goes on with the trace that it finds in the data of its job`, { skip: missing(name), timeout: 120_000 }, async (t) => {
    const backend = await openBackend(name)
    t.teardown(backend.close)
    const collector = await startCollector(t)
    const { call } = await openService(t, { backend: backend.url, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, lookups: LOOKUPS })
    const { body: [[, id]] } = await call('POST', '/jobs', { type: 'arrived' }, { traceparent: SENDER })
    if (name === 'redis') t.match(JSON.parse(await readRaw(backend.url, id)), { traceparent: new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`) }, 'whatever language it is written in')

    const own = openTracer({ url: `${collector.url}/v1/traces`, headers: {}, resource: {}, ratio: 1, timeoutMs: 5000 }, () => {})
    const { work } = await openWork({ backend: backend.url, prefix: '{signalbox}', connections: 2, timeoutMs: 5000, onError: () => {} })
    t.teardown(work.close)
    const given: unknown[] = []
    work.worker('far', async ({ data }) => {
      given.push(data['traceparent'])
      own.span({ name: 'python', parent: String(data['traceparent']) }).end()
      if ((data['event'] as { type: string }).type === 'broken') throw new Error('no luck')
      return { output: 1, events: [{ type: 'went_on' }] }
    }, { concurrency: 1, lockMs: 2000, stalledMs: 500, onError: () => {} })
    await until(() => named(collector.spans, 'run near').length === 1, 'the follow-on event')
    await own.close()

    const { spans } = collector
    const [accept] = named(spans, 'accept arrived')
    t.same(given, [`00-${TRACE}-${accept?.spanId}-01`])
    t.match(named(spans, 'python'), [{ traceId: TRACE, parentSpanId: accept?.spanId }], 'its spans stand below the event')
    t.match(named(spans, 'queue far'), [{ traceId: TRACE, parentSpanId: accept?.spanId }])
    const [run] = named(spans, 'run far')
    t.match(run, { traceId: TRACE, parentSpanId: accept?.spanId, kind: 5, status: { code: 1 } }, 'who collects its result tells when it ran')
    const [followOn] = named(spans, 'accept went_on')
    t.match(followOn, { traceId: TRACE, parentSpanId: run?.spanId })
    t.match(named(spans, 'run near'), [{ traceId: TRACE, parentSpanId: followOn?.spanId }])
    const times = [accept, run].map((span) => BigInt(span?.startTimeUnixNano ?? 0))
    t.ok((times[0] ?? 0n) <= (times[1] ?? 0n))

    await call('POST', '/jobs', { type: 'broken' })
    await until(() => named(spans, 'run far').length === 2, 'the failure')
    t.match(named(spans, 'run far')[1], { status: { code: 2, message: 'no luck' } })
  })
}

t.test('without a collector it is given the context of the sender, and none where there is none', { skip: missing('redis') }, async (t) => {
  const backend = await openBackend('redis')
  t.teardown(backend.close)
  const { call } = await openService(t, { backend: backend.url, lookups: LOOKUPS })
  const { body: [[, sent]] } = await call('POST', '/jobs', { type: 'arrived', traceparent: SENDER })
  t.match(JSON.parse(await readRaw(backend.url, sent)), { traceparent: SENDER })
  const { body: [[, bare]] } = await call('POST', '/jobs', { type: 'arrived' })
  t.notOk('traceparent' in JSON.parse(await readRaw(backend.url, bare)))
})

/** The job as Redis has it for BullMQ's clients of every language. */
async function readRaw (url: string, id: string): Promise<string> {
  const client = new Redis(url)
  try {
    return await client.hget(`{signalbox}:far:${id}`, 'data') ?? ''
  } finally {
    client.disconnect()
  }
}
