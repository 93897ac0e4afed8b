import { connect, type ConsumeMessage } from 'amqplib'
import { pino } from 'pino'
import t from 'tap'
import { createBuffer } from '../../../src/engine/reporting/buffer.ts'
import { createReports } from '../../../src/engine/reporting/reports.ts'
import { toMessage, type Message, type Report } from '../../../src/engine/reporting/report.ts'
import type { EventEnd, JobOutcome } from '../../../src/engine/notifications/event-end.ts'
import { missingBroker, openBroker } from './fixtures/rabbitmq.ts'
import { SECRET_KEY, openMailServer, storeBlocks } from '../../fixtures/receivers.ts'
import { freePort, openAnyBackend, until } from '../../fixtures/servers.ts'
import { openService, step, type Call } from '../../fixtures/service.ts'

t.jobs = 1

const toEnd = (jobs: Array<Partial<JobOutcome> & { process: string, status: string }>): EventEnd => ({
  key: 'k',
  event: { v: 1, event: { id: '1', source: '/', type: 'new_assembly', subject: 'homo_sapiens' }, at: 0, root: 'k', depth: 0, above: [], jobs: [], lookups: '', entries: [] },
  status: 'failed',
  endedAt: 0,
  jobs: jobs.map((job) => ({ id: `k.${job.process}`, reason: null, events: [], ...job }))
})

t.test('a report has the fields and the routing key that consumers know', async (t) => {
  const { routingKey, body } = toMessage({ report_type: 'FATAL', host: 'box', process: 'event_processing', resource: 'homo_sapiens', params: { type: 'x' }, message: 'Event failed: {}' }, new Date(Date.UTC(2026, 10, 21, 10, 30, 0, 7)))
  t.equal(routingKey, 'report.fatal')
  t.same(JSON.parse(String(body)), { report_type: 'FATAL', host: 'box', process: 'event_processing', resource: 'homo_sapiens', params: { type: 'x' }, report_time: '2026-11-21T10:30:00.007', message: 'Event failed: {}' })
})

t.test('what is reported: submission, retrieval, and what the poller finds; a failed job is FATAL', async (t) => {
  const told: Report[] = []
  const publisher = { publish: ({ body }: Message) => { told.push(JSON.parse(String(body)) as Report) } }
  const reports = createReports({ publisher, host: 'box', hide: (value) => value })
  const end = toEnd([{ process: 'p', status: 'complete', events: ['f1'] }, { process: 'q', status: 'failed', reason: 'no' }, { process: 'r', status: 'absorbed' }, { process: 's', status: 'cancelled' }])
  reports.submitted([['dump_dna', 'k.dump_dna']])
  reports.retrieved('dump_dna', '1.dump_dna')
  reports.retrieved('dump_dna', '1.dump_dna', 'a@b')
  reports.listed('dump_dna')
  reports.checking({ ...end, jobs: end.jobs.slice(0, 1) })
  reports.incomplete(end)
  reports.ended(end)
  t.same(told.map((one) => [one.report_type, one.process, one.resource, one.message]), [
    ['DEBUG', 'event_handler', '', 'Submitting process dump_dna'],
    ['INFO', 'event_handler', '', 'Retrieving job from dump_dna with ID 1.dump_dna'],
    ['INFO', 'event_handler', '', 'Retrieving job with ID 1.dump_dna for a@b'],
    ['INFO', 'event_handler', '', 'Retrieving jobs of dump_dna'],
    ['INFO', 'event_processing', 'homo_sapiens', 'Checking p event k'],
    ['INFO', 'event_processing', 'homo_sapiens', 'Job incomplete, retrying'],
    ['INFO', 'event_processing', 'homo_sapiens', 'Event succeeded: {"process":"p","job":"k.p","event":"k","status":"complete","events":["f1"]}'],
    ['FATAL', 'event_processing', 'homo_sapiens', 'Event failed: {"process":"q","job":"k.q","event":"k","status":"failed","reason":"no","events":[]}'],
    ['INFO', 'event_processing', 'homo_sapiens', 'Event absorbed: {"process":"r","job":"k.r","event":"k","status":"absorbed","events":[]}'],
    ['WARN', 'event_processing', 'homo_sapiens', 'Event cancelled: {"process":"s","job":"k.s","event":"k","status":"cancelled","events":[]}']
  ])
  t.match(told[4]?.params, { type: 'new_assembly' })
  t.same(told[0]?.params, {})
})

t.test('the buffer keeps the order, and no more than it may', async (t) => {
  const message = (text: string): Message => ({ routingKey: 'report.info', body: Buffer.from(text) })
  const buffer = createBuffer({ maxMessages: 3, maxBytes: 10 })
  const [a, b, c] = [message('aaaa'), message('bbb'), message('c')]
  t.same([a, b, c, message('d')].map(buffer.add), [true, true, true, false], 'three at most')
  t.same([buffer.take(), buffer.take()], [a, b])
  buffer.putBack([a, b])
  t.same([buffer.take(), buffer.take(), buffer.take(), buffer.take()], [a, b, c, undefined])
  buffer.release(a)
  t.equal(buffer.held(), 2)
  t.same([buffer.add(message('1234567')), buffer.add(message('123456'))], [false, true], 'ten bytes at most')
})

t.test('with a broker', { skip: missingBroker(), timeout: 240_000 }, async (t) => {
  const broker = await openBroker()
  const backend = await openAnyBackend()
  t.teardown(backend.close)
  t.teardown(broker.close)
  const received: Array<Report & { fields: ConsumeMessage['fields'], properties: ConsumeMessage['properties'] }> = []
  /** A durable queue, as consumers bind it; it is there again when the broker is. */
  const consume = async (): Promise<void> => {
    const connection = await connect(broker.url)
    connection.on('error', () => {})
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.assertExchange('report_exchange', 'topic', { durable: true })
    await channel.assertQueue('reports', { durable: true })
    await channel.bindQueue('reports', 'report_exchange', 'report.*')
    await channel.consume('reports', (message) => { if (message !== null) received.push({ ...JSON.parse(String(message.content)) as Report, fields: message.fields, properties: message.properties }) }, { noAck: true })
  }
  await consume()
  const mailPort = await freePort()
  await storeBlocks(backend.url, { 'smtp/mail': { host: '127.0.0.1', port: mailPort, from: 'signalbox@example.org' } })
  const lines: Array<{ msg: string, dropped?: number }> = []
  const log = pino({ level: 'info' }, { write: (line: string) => { lines.push(JSON.parse(line) as { msg: string }) } })
  const notify = [{ mail: { block: 'mail', to: ['team@example.org'] } }]
  const { call, service } = await openService(t, {
    backend: backend.url,
    log,
    env: { SIGNALBOX_SECRET_KEY: SECRET_KEY, REPORT_SERVER: broker.url, SIGNALBOX_REPORT_BUFFER: '60', SIGNALBOX_WORKER_NAME: 'box-1', SIGNALBOX_CONCURRENCY: '20', SIGNALBOX_NOTIFY_RETRIES: Array.from({ length: 20 }, () => '5s').join(',') },
    lookups: { events: { good: ['ok'], bad: ['bad'] }, processes: { ok: step({ notify }), bad: step({ params: { default: { fail: 'it broke at mysql://reader:hunter22@staging/' } } }) } }
  })

  await t.test('reports reach a queue that is bound by report.*, persistent and with what they are about', async (t) => {
    const key = await run(call, 'bad', 'homo_sapiens', { password: 'hunter22' })
    // The end of an event is reported a moment after it is shown.
    await until(() => received.length >= 3, 'the reports of the event')
    await call('GET', `/jobs/bad/${key}.bad?format=email&email=a@b.example`)
    await until(() => received.length >= 4, 'the reports')
    t.same(received.map((one) => [one.fields.routingKey, one.host, one.resource, one.message.replace(/\{.*/, '')]), [
      ['report.debug', 'box-1', '', 'Submitting process bad'],
      ['report.info', 'box-1', 'homo_sapiens', `Checking bad event ${key}`],
      ['report.fatal', 'box-1', 'homo_sapiens', 'Event failed: '],
      ['report.info', 'box-1', '', `Retrieving job with ID ${key}.bad for a@b.example`]
    ])
    t.match(received[2], { params: { type: 'bad', subject: 'homo_sapiens' }, properties: { deliveryMode: 2, contentType: 'application/json' } })
    t.match(received[2]?.message, /it broke at mysql:\/\/reader:\*\*\*@staging/)
    t.notMatch(JSON.stringify(received), /hunter22/)
    t.match(received[2]?.report_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/)
  })

  await t.test('broker and mail server away under load: no job waits for them, what is dropped is counted and logged once', async (t) => {
    const mailsBefore = await openMailServer(t, { port: mailPort })
    received.length = 0
    const up = await load(call)
    await until(() => mailsBefore.mails.length === COUNT, 'the mails')
    // Submitting, checking and the end of each; an event is complete a moment before its record is closed.
    await until(() => received.length >= COUNT * 3, 'the reports')
    received.length = 0
    await mailsBefore.close()
    await broker.stop()
    const away = await load(call)
    t.comment(`from submission to end, median and longest: ${up.median} and ${up.longest} ms with the servers, ${away.median} and ${away.longest} ms without`)
    t.ok(away.median < up.median * 3 + 500, 'no job is delayed')
    t.match((await call('GET', '/notifications')).body, { failed: 0, items: [] }, 'and no notice given up')
    await until(async () => await reported(call, 'dropped') >= COUNT * 3 - 60, 'the reports that there is no room for')
    const dropped = await reported(call, 'dropped')
    const about = (pattern: RegExp): number => lines.filter(({ msg }) => pattern.test(msg)).length
    t.same([about(/broker for reports is away/), about(/no room for more reports/)], [1, 1])
    const mails = await openMailServer(t, { port: mailPort })
    await broker.start()
    await consume()
    await until(() => received.length === 60, 'what was kept')
    t.match(received[0]?.message, /^Submitting process ok/, 'in order')
    await until(() => mails.mails.length === COUNT, 'the mails')
    t.equal(new Set(mails.mails.map(({ text }) => /^Message-ID: (.*)\r$/m.exec(text)?.[1])).size, COUNT)
    await until(() => about(/broker for reports is back/) === 1, 'a word of its return')
    t.equal(lines.find(({ msg }) => /reports is back/.test(msg))?.dropped, dropped)
    t.same([about(/broker for reports is away/), about(/no room for more reports/)], [1, 1])
  })

  await t.test('what is reported at the end reaches the broker before the service is gone', async () => {
    received.length = 0
    await run(call, 'good')
    await Promise.all(Array.from({ length: 20 }, () => call('GET', '/jobs/ok?limit=1')))
    await service.stop()
    await until(() => received.length === 23, 'the last reports')
  })
})

const COUNT = 60

const reported = async (call: Call, outcome: string): Promise<number> => Number(new RegExp(`signalbox_reports_total\\{outcome="${outcome}"\\} (\\d+)`).exec((await call('GET', '/metrics')).body as string)?.[1] ?? 0)

async function run (call: Call, type: string, subject = 'any', data = {}): Promise<string> {
  const { headers } = await call('POST', '/jobs', { type, subject, data })
  const key = String(headers['location']).replace('/events/', '')
  await until(async () => (await call('GET', `/events/${key}`)).body.status !== 'incomplete', `the end of ${key}`)
  return key
}

/** Submits a number of events, waits for their ends, and answers how long each job took from its submission on. */
async function load (call: Call): Promise<{ median: number, longest: number }> {
  const keys = await Promise.all(Array.from({ length: COUNT }, () => call('POST', '/jobs', { type: 'good' }).then(({ headers }) => String(headers['location']).replace('/events/', ''))))
  const times: number[] = []
  for (const key of keys) {
    let event = (await call('GET', `/events/${key}`)).body
    await until(async () => {
      event = (await call('GET', `/events/${key}`)).body
      return event.status === 'complete'
    }, `the end of ${key}`)
    const { submitted, ended } = event.jobs[0].timestamps as { submitted: string, ended: string }
    times.push(Date.parse(ended) - Date.parse(submitted))
  }
  times.sort((a, b) => a - b)
  return { median: times[COUNT / 2] as number, longest: times.at(-1) as number }
}
