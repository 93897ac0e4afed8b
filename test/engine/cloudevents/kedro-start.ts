import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { loadConfig } from '../../../src/roles/config.ts'
import { startService } from '../../../src/roles/service.ts'
import { freePort, openAnyBackend } from '../../fixtures/servers.ts'
import { createCall, openService, step, temporaryFolder, writeLookups } from '../../fixtures/service.ts'
import { HOME } from '../../fixtures/places.ts'

t.jobs = 1

const EXAMPLE = join(HOME, 'examples', 'kedro')
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
/** Stands for Kedro: prints its arguments, and the file of the event. */
// eslint-disable-next-line no-template-curly-in-string
const KEDRO = '#!/bin/sh\nfor word in "$@"; do printf "<%s>" "$word"; done\necho\ncat "${5##*event_file=}" >&2\n'

const request = { specversion: '1.0', id: '1234', source: 'example.com', type: 'com.example.event', data: { key: 'value' } }
const mapping = { event00: { source: 'example.com', type: 'com.example.event' } }
const lookups = { events: { noted: [] }, processes: { event00: step(), other: step() } }

t.test('an event that is repeated after a restart is known', async (t) => {
  const own = await openAnyBackend()
  t.teardown(() => own.close())
  const folder = temporaryFolder(t)
  writeLookups(folder, lookups)
  const open = async (env: Record<string, string>) => {
    const config = loadConfig({ file: join(HOME, 'config', 'default.json'), env: { PORT: '0', LOG_LEVEL: 'silent', SIGNALBOX_BACKEND: own.url, SIGNALBOX_LOOKUPS: folder, SIGNALBOX_STORE: `file:${folder}/store`, ...env } })
    const service = await startService({ config, roles: ['api'], log: pino({ level: 'silent' }), version: 'test', env: {} })
    const call = createCall(service.address ?? '')
    return { call, stop: async () => { await call.close(); await service.stop() } }
  }
  const file = join(folder, 'events.json')
  writeFileSync(file, JSON.stringify(mapping))
  const before = await open({ SIGNALBOX_EVENTS_CONFIG: file })
  const first = await before.call('POST', '/event', request, STRUCTURED)
  await before.stop()
  t.equal(first.status, 202)
  const after = await open({ SIGNALBOX_CLOUDEVENTS: 'true' })
  t.match(await after.call('POST', '/event', request, STRUCTURED), { status: 200, body: first.body }, 'whatever the configuration says by now')
  await after.stop()
  const none = await open({})
  t.equal((await none.call('POST', '/event', request, STRUCTURED)).status, 404)
  await none.stop()
})

t.test('a mapping that does not fit stops the start; a misspelt variable is told', async (t) => {
  const own = await openAnyBackend()
  t.teardown(() => own.close())
  const folder = temporaryFolder(t)
  writeLookups(folder, lookups)
  const lines: string[] = []
  const log = pino(new Writable({ write: (line: Buffer, _encoding, done) => { lines.push(String(line)); done() } }))
  const start = (eventsConfig: string, env: Record<string, string> = {}) => startService({
    config: loadConfig({ file: join(HOME, 'config', 'default.json'), env: { PORT: '0', SIGNALBOX_BACKEND: own.url, SIGNALBOX_LOOKUPS: folder, SIGNALBOX_STORE: `file:${folder}/store`, SIGNALBOX_EVENTS_CONFIG: eventsConfig } }),
    roles: ['api'],
    log,
    version: 'test',
    env
  })
  await t.rejects(start('{"event99": {"source": "s", "type": "t"}}'), { message: /event99 is no process of process_lookup\.json/ })
  await t.rejects(start('{"event00": {"source": "s"}}'), { message: /event00\/type is missing/ })
  await t.rejects(start('{"event00": '), { message: /position 12/ })
  const service = await start('{"event00": {"source": "s", "type": "t"}}', { KEDROG_GRAPHQL_EVENTS_CONFIG: '{}' })
  t.teardown(() => service.stop())
  t.ok(lines.some((line) => line.includes('KEDROG_GRAPHQL_EVENTS_CONFIG')))
  t.notOk(lines.some((line) => line.includes('no event type starts event00')), 'the mapping starts it')
  writeLookups(folder, { events: { noted: [] }, processes: { other: step() } })
  t.equal(await service.reload(), false, 'lookups that drop a process of the mapping do not come into force')
})

t.test('the example: event00 submits example00 as its child, and a Kedro pipeline is run', async (t) => {
  const own = await openAnyBackend()
  t.teardown(() => own.close())
  const folder = temporaryFolder(t)
  const port = await freePort()
  for (const file of ['event00.ts', 'example00.ts', 'kedro_run.sh']) cpSync(join(EXAMPLE, file), join(folder, file))
  const kedro = join(folder, 'kedro')
  writeFileSync(kedro, KEDRO)
  chmodSync(kedro, 0o755)
  const processes = JSON.parse(readFileSync(join(EXAMPLE, 'process_lookup.json'), 'utf8'))
  processes.event00.params.default.signalbox = `http://127.0.0.1:${port}`
  processes.kedro_run.run.env = { PATH: `${folder}:${process.env['PATH']}` }
  const events = JSON.parse(readFileSync(join(EXAMPLE, 'event_lookup.json'), 'utf8'))
  writeLookups(folder, { events, processes })
  const { call } = await openService(t, { backend: own.url, lookups: { events, processes }, env: { PORT: String(port), SIGNALBOX_EVENTS_CONFIG: join(EXAMPLE, 'events_config.json'), SIGNALBOX_LOOKUPS: folder } })
  const end = async (processName: string, id: string) => (await call('GET', `/jobs/${processName}/${id}?wait=30`)).body

  const [[, id]] = (await call('POST', '/event/', request, STRUCTURED)).body
  const job = await end('event00', id)
  t.match(job, { status: 'complete', output: { started: [['example00', String]] } })
  const [[, child]] = job.output.started
  t.match(await end('example00', child), { status: 'complete', parent: id, output: { cause: 'com.example.event', received: { key: 'value' } } })
  t.same((await call('GET', `/jobs/event00/${id}/children`)).body.items.map((one: { id: string }) => one.id), [child])

  const [[, run]] = (await call('POST', '/jobs', { type: 'model_wanted', subject: 'example00' })).body
  t.match(await end('kedro_run', run), { status: 'complete', output: { pipeline: 'example00', id: run } })
  const { lines } = (await call('GET', `/jobs/kedro_run/${run}/log`)).body
  t.ok(lines.some((line: string) => line.includes(`<run><--pipeline><example00><--params><id=${run},event_file=`)))
  t.ok(lines.some((line: string) => line.includes('"subject":"example00"')), 'it reads the event')
})
