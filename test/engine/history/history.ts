import { Writable } from 'node:stream'
import t from 'tap'
import { EventClient } from '../../../src/client/event-client.ts'
import { runClientCommand } from '../../../src/cli/commands.ts'
import { fromOriginal, isOriginal } from '../../../src/cli/original.ts'
import type { HistoryRecord } from '../../../src/schemas/events.ts'
import { startFakeService } from '../../fixtures/fake-service.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { openService, step } from '../../fixtures/service.ts'
import { shipped } from '../../../src/roles/shipped.ts'

t.jobs = 1

t.test('the history of a subject, oldest first, with every end of every job', { timeout: 120_000 }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const { call, url } = await openService(t, {
    backend: backend.url,
    lookups: {
      events: { new_assembly: { processes: ['works', 'fails'], keep: true }, dna_dumped: [] },
      processes: { works: step({ emits: ['dna_dumped'], params: { default: { emit: [{ type: 'dna_dumped', subject: 'homo_sapiens' }] } } }), fails: step({ params: { default: { fail: 'no disk' } } }) }
    }
  })
  const client = new EventClient({ url })
  t.teardown(() => client.close())

  const { body: addresses } = await call('POST', '/jobs', { type: 'new_assembly', id: 'first', source: '/staging', genome: 'homo_sapiens', data: { email: 'me@here' } })
  const jobs = Object.fromEntries(addresses as Array<[string, string]>)
  const status = async (processName: string): Promise<string> => (await call('GET', `/jobs/${processName}/${jobs[processName]}`)).body.status
  await until(async () => await status('works') === 'complete' && await status('fails') === 'failed', 'both jobs')
  t.equal((await call('POST', `/jobs/fails/${jobs['fails']}/retry`)).status, 202)
  await until(async () => (await call('GET', '/events?subject=homo_sapiens')).body.items.every((event: { status: string }) => event.status !== 'incomplete'), 'the end of all')
  await call('POST', '/jobs', { type: 'dna_dumped', subject: 'mus_musculus' })

  await t.test('as JSON lines, in order of arrival', async (t) => {
    const answer = await call('GET', '/events?subject=homo_sapiens&order=asc', undefined, { accept: 'application/x-ndjson' })
    t.equal(answer.headers['content-type'], 'application/x-ndjson')
    const records = (answer.body as string).trimEnd().split('\n').map((line) => JSON.parse(line) as HistoryRecord)
    t.match(records[0], { record: 'event', subject: 'homo_sapiens', type: 'new_assembly', source: '/staging', details: { id: 'first', genome: 'homo_sapiens', data: { email: 'me@here' }, cause: null } })
    const ends = records.slice(1, -1)
    t.same(ends.map(({ record, details }) => [record, details['process'], details['status'], details['reason']]).sort(), [['job', 'fails', 'failed', 'no disk'], ['job', 'fails', 'failed', 'no disk'], ['job', 'works', 'complete', undefined]], 'a job that was retried has two ends')
    t.same(ends.map(({ at }) => at), ends.map(({ at }) => at).sort(), 'in the order of their ends')
    t.match(records.at(-1), { record: 'event', type: 'dna_dumped', source: `/jobs/works/${jobs['works']}`, details: { cause: { process: 'works', job: jobs['works'] } } })
    t.equal(ends.find(({ details }) => details['process'] === 'works')?.source, `/jobs/works/${jobs['works']}`)
  })

  await t.test('a kept event tells the ends of its jobs when they are gone', async (t) => {
    const before = (await collect(client.history({ type: 'new_assembly' }))).at(-1)
    t.equal((await call('DELETE', `/jobs/fails/${jobs['fails']}`)).status, 200)
    t.same((await collect(client.history({ type: 'new_assembly' }))).at(-1), before)
  })

  await t.test('lists in both orders', async (t) => {
    const newest = (await call('GET', '/events?subject=homo_sapiens')).body.items.map((event: { id: string }) => event.id)
    t.same((await call('GET', '/events?subject=homo_sapiens&order=asc')).body.items.map((event: { id: string }) => event.id), newest.reverse())
    t.equal((await call('GET', '/events?order=sideways')).status, 400)
    t.equal((await call('GET', '/events?subject=%00', undefined, { accept: 'application/x-ndjson' })).status, 400, 'an error before the first line')
    t.same((await call('GET', '/events?subject=nobody', undefined, { accept: 'application/x-ndjson' })).body, '')
  })

  await t.test('more than a page, by the client and by the command line', async (t) => {
    for (let start = 0; start < 250; start += 50) await Promise.all(Array.from({ length: 50 }, () => call('POST', '/jobs', { type: 'dna_dumped', subject: 'many' })))
    const all = await collect(client.history({ subject: 'many' }))
    t.equal(new Set(all.map(({ event }) => event)).size, 250)
    t.same(all.map(({ at }) => at), all.map(({ at }) => at).sort())
    t.same((await collect(client.history({ subject: 'many', order: 'desc' }))).map(({ event }) => event), all.map(({ event }) => event).reverse())
    let written = ''
    const stdout = new Writable({ highWaterMark: 100, write: (chunk, _encoding, done) => { written += String(chunk); setImmediate(done) } })
    const code = await runClientCommand('export', ['--subject', 'many', '--url', url], { env: {}, stdout: stdout as unknown as NodeJS.WriteStream, stderr: process.stderr }, async () => shipped)
    await new Promise((resolve) => { stdout.end(resolve) })
    t.equal(code, 0)
    t.same(written.trimEnd().split('\n').map((line) => JSON.parse(line)), all)
  })

  await t.test('the answers of the original service are there for who asks', async (t) => {
    const { status, body } = await call('POST', '/jobs?verbose=true', { type: 'new_assembly', genome: 'felis_catus' })
    t.equal(status, 202)
    t.match(body, { processes: [{ process: 'works', job: /\.works$/ }, { process: 'fails', job: /\.fails$/ }], event: { type: 'new_assembly', genome: 'felis_catus' } })
    const [works, fails] = body.processes as Array<{ job: string, task: string }>
    t.equal((await call('GET', `/events/${works?.task}`)).body.event.genome, 'felis_catus')
    t.same((await call('GET', `/jobs/fails/${fails?.job}?format=failures&wait=20`)).body, { [fails?.job ?? '']: 'no disk' })
    const child = (await call('POST', '/jobs', { type: 'new_assembly', genome: 'felis_catus', parent: works?.job })).body[1][1] as string
    await call('GET', `/jobs/fails/${child}?wait=20`)
    t.same((await call('GET', `/jobs/works/${works?.job}?format=failures&wait=20`)).body, { [child]: 'no disk' }, 'those of its children too')
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x']) {
      t.match(await call('POST', '/jobs', 'type=new_assembly', { 'content-type': type }), { status: 400, body: { code: 'UNSUPPORTED_FORMAT' } }, type)
    }
    t.equal((await call('POST', '/jobs', '{"type":"dna_dumped"}', { 'content-type': 'application/json; charset=utf-8' })).status, 202)
  })
})

t.test('a history that breaks off is an error, and so is another answer', async (t) => {
  const { url } = await startFakeService(t, { headers: { 'content-type': 'application/json' }, body: { items: [], next: null } })
  const client = new EventClient({ url, retries: 0 })
  t.teardown(() => client.close())
  await t.rejects(collect(client.history()), { code: 'INVALID_ANSWER' })
  const { createServer } = await import('node:http')
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write('{"record":"event"}\n{"rec', () => { setImmediate(() => { response.destroy() }) })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const broken = new EventClient({ url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, retries: 0 })
  await t.rejects(collect(broken.history()), { code: 'CONNECTION_FAILED' })
  await broken.close()
  await new Promise((resolve) => { server.close(resolve) })
})

t.test("the actions and flags of Ensembl's client are commands", async (t) => {
  const cases: Array<[string[], string[]]> = [
    [['-u', 'http://h/', '-a', 'submit', '-e', '{"type":"x"}'], ['submit', '--url', 'http://h/', '--event', '{"type":"x"}']],
    [['--uri', 'http://h', '--action', 'retrieve', '--process', 'p', '--job_id', '7'], ['get', '--url', 'http://h', '--', 'p', '7']],
    [['--action=list', '--uri=http://h', '-p', 'p', '-v'], ['list', '--url', 'http://h', '--json', '--', 'p']],
    [['-u', 'http://h', '-a', 'delete', '-p', 'p', '-i', '7'], ['cancel', '--url', 'http://h', '--', 'p', '7']],
    [['-u', 'http://h', '-a', 'events'], ['event_types', '--url', 'http://h']],
    [['-u', 'http://h', '-a', 'processes'], ['processes', '--url', 'http://h']]
  ]
  t.same(cases.map(([given]) => isOriginal(given) ? fromOriginal(given) : 'not taken for one'), cases.map(([, line]) => line))
  t.same([['start'], ['--help'], ['list', '-a'], []].map(isOriginal), [false, false, false, false])
  for (const [line, message] of [[['-u', 'x', '-a', 'dance'], /one of submit, retrieve/], [['-a', 'list', '-p', 'p'], /--uri is missing/], [['-u', 'x', '-a', 'retrieve', '-p', 'p'], /needs --job_id/], [['-u', 'x', '-a', 'list', '-z'], /-z/]] as Array<[string[], RegExp]>) {
    t.throws(() => fromOriginal(line), { name: 'UsageError', message })
  }
})

async function collect<T> (all: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of all) items.push(item)
  return items
}
