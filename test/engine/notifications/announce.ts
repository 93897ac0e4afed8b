import type { ServerResponse } from 'node:http'
import t from 'tap'
import { openWork } from '../../../src/queues/open-work.ts'
import { SECRET_KEY, WEBHOOK_SECRET as SECRET, ended, openHttpReceiver, openMailServer, quiet, readWebhook as read, storeBlocks, submit, type Received } from '../../fixtures/receivers.ts'
import { BACKENDS, freePort, missing, openAnyBackend, openBackend, until } from '../../fixtures/servers.ts'
import { openService, step } from '../../fixtures/service.ts'

t.jobs = 1

const ENV = { SIGNALBOX_SECRET_KEY: SECRET_KEY, SIGNALBOX_NOTIFY_RETRIES: '50ms,100ms,200ms', SIGNALBOX_NOTIFY_TIMEOUT_MS: '500', SIGNALBOX_WORKER_NAME: 'box-1', SIGNALBOX_PUBLIC_URL: 'https://signalbox.example/' }
/** As a failure may quote it. */
const DATABASE = 'mysql://reader:hunter22@staging/core'

const types = (received: Received[], path: string): string[] => received.filter((one) => one.path === path).map((one) => `${read(one).type} ${read(one).data.name}`).sort()

for (const name of BACKENDS) {
  t.test(`on ${name}`, { skip: missing(name), timeout: 180_000 }, async (t) => {
    const backend = await openBackend(name)
    t.teardown(backend.close)
    const http = await openHttpReceiver(t)
    const mail = await openMailServer(t, { user: 'signalbox', password: 'pa55word' })
    await storeBlocks(backend.url, {
      'smtp/staging-smtp': { host: '127.0.0.1', port: mail.port, username: 'signalbox', password: 'pa55word', from: 'Signalbox <signalbox@example.org>' },
      'slack_webhook/team': { url: `${http.url}/services/T0/B0/slacksecret` },
      'webhook/plain': { url: `${http.url}/plain`, secret: SECRET }
    })
    const mailTo = { block: 'staging-smtp', to: ['team@example.org', 'lead@example.org'] }
    const slack = { block: 'team' }
    const webhook = { block: 'plain' }
    const { call } = await openService(t, {
      backend: backend.url,
      env: ENV,
      lookups: {
        events: { good: ['ok'], bad: ['bad'], both: { processes: ['ok', 'bad'], notify: [{ on: ['failure', 'cancelled'], webhook }] }, any: { match: { exact: { subject: 'watched' } }, processes: ['quick'], notify: [{ on: ['success'], webhook }] }, nothing: { processes: [], notify: [{ webhook }] }, late: ['late'], long: ['long'], waits: ['waits'], foreign: ['foreign'], dead: ['dead'] },
        processes: {
          ok: step({ notify: [{ mail: mailTo }, { slack, webhook }] }),
          bad: step({ params: { default: { fail: `no answer from ${DATABASE}` } }, notify: [{ on: ['failure'], mail: mailTo }, { on: ['failure'], slack }, { on: ['success'], webhook }] }),
          quick: step(),
          late: step({ params: { default: { ms: 60_000 } }, timeout: '100ms', notify: [{ webhook }] }),
          long: step({ params: { default: { ms: 60_000 } }, notify: [{ on: ['cancelled'], webhook }] }),
          waits: { run: { external: true }, notify: [{ on: ['cancelled'], webhook }] },
          foreign: { run: { external: true }, notify: [{ webhook }] },
          dead: { run: { external: true }, notify: [{ webhook }] }
        }
      }
    })

    await t.test('a job that is complete is told to each target once, with all that is worth knowing', async (t) => {
      const key = await submit(call, { type: 'good', subject: 'homo_sapiens' })
      await ended(call, key)
      await quiet(call)
      t.same(mail.mails.map(({ user, to }) => ({ user, to })), [{ user: 'signalbox', to: ['team@example.org', 'lead@example.org'] }])
      t.match(mail.mails[0]?.text, /^Subject: ok for homo_sapiens - complete\r$/m)
      t.match(mail.mails[0]?.text, new RegExp(`See https://signalbox.example/events/${key}\\r`))
      t.match(mail.mails[0]?.text, /Version {2}test\r\nHost {5}box-1\r/)
      t.same(http.received.map(({ path }) => path).sort(), ['/plain', '/services/T0/B0/slacksecret'])
      const [posted] = http.received.filter(({ path }) => path === '/plain').map(read)
      t.match(posted, { type: 'job.complete', data: { about: 'job', status: 'complete', name: 'ok', id: `${key}.ok`, event: { id: key, type: 'good', subject: 'homo_sapiens' }, reason: null, host: 'box-1', version: 'test', link: `https://signalbox.example/events/${key}` } })
      t.equal(posted?.timestamp, (posted?.data as { ended?: string }).ended)
      const text = JSON.parse(http.received.find(({ path }) => path !== '/plain')?.body ?? '').text
      t.match(text, /^🟢 The job ok for homo_sapiens is complete after 00:0\d\.\nversion test · host box-1\n<https:\/\/signalbox\.example\/events\/[^|]+\|event good>$/)
      const { notices } = (await call('GET', `/jobs/ok/${key}.ok`)).body as { notices: Array<{ kind: string, block: string, status: string }> }
      t.same(notices.map(({ kind, block, status }) => `${kind} ${block} ${status}`).sort(), ['mail staging-smtp sent', 'slack team sent', 'webhook plain sent'], 'its answer says who was told')
      t.same((await call('GET', `/events/${key}`)).body.jobs[0].notices, { sent: 3, failed: 0 })
    })

    await t.test('a failure is told to those who asked for failures, without the secrets of its reason; again when it is retried', async (t) => {
      mail.mails.length = http.received.length = 0
      const key = await submit(call, { type: 'bad' })
      await ended(call, key)
      await quiet(call)
      t.equal(mail.mails.length, 1)
      t.match(mail.mails[0]?.text, /^Subject: bad job failed\r$/m)
      t.match(mail.mails[0]?.text.replace(/=\r\n/g, ''), /\* Job ID \S+ : no answer from mysql:\/\/reader:\*\*\*@staging\/core/)
      t.same(http.received.map(({ path }) => path), ['/services/T0/B0/slacksecret'])
      t.match(JSON.parse(http.received[0]?.body ?? '').text, /^🔴 The job bad has failed after 00:0\d\.\n> \* Job ID \S+ : no answer from/)
      t.notMatch(JSON.stringify([mail.mails, http.received]), /hunter22/)
      t.equal((await call('POST', `/jobs/bad/${key}.bad/retry`)).status, 202)
      await until(() => mail.mails.length === 2, 'the second failure')
      await ended(call, key)
      await quiet(call)
      const ids = mail.mails.map(({ text }) => /^Message-ID: (.*)\r$/m.exec(text)?.[1])
      t.equal(new Set(ids).size, 2, 'each end is told once')
      t.equal(http.received.length, 2)
    })

    await t.test('an event is told of when all its jobs have ended, by its type or by a match', async (t) => {
      mail.mails.length = http.received.length = 0
      const keys = [await submit(call, { type: 'both' }), await submit(call, { type: 'good', subject: 'watched' }), await submit(call, { type: 'nothing' })]
      for (const key of keys) await ended(call, key)
      await quiet(call)
      const events = http.received.filter(({ path }) => path === '/plain').map(read).filter(({ data }) => data['about'] === 'event')
      t.same(events.map(({ type, data }) => `${type} ${data.name}`).sort(), ['event.complete good', 'event.complete nothing', 'event.failed both'])
      const both = events.find(({ data }) => data.name === 'both')
      t.match(both?.data, { id: keys[0], reason: 'no answer from mysql://reader:***@staging/core', jobs: [{ process: 'bad', status: 'failed' }, { process: 'ok', status: 'complete', reason: null }] })
    })

    await t.test('timed out, cancelled while it ran, cancelled while it waited: all are told', async (t) => {
      mail.mails.length = http.received.length = 0
      const [late, long, waits] = [await submit(call, { type: 'late' }), await submit(call, { type: 'long' }), await submit(call, { type: 'waits' })]
      await until(async () => (await call('GET', `/jobs/long/${long}.long`)).body.status === 'running')
      await call('DELETE', `/jobs/long/${long}.long`)
      await call('DELETE', `/jobs/waits/${waits}.waits`)
      for (const key of [late, long, waits]) await ended(call, key)
      await quiet(call)
      t.same(types(http.received, '/plain'), ['job.cancelled long', 'job.cancelled waits', 'job.failed late'])
      t.match(http.received.map(read).find(({ data }) => data.name === 'late')?.data.reason, 'timed out after 100 ms')
    })

    await t.test('jobs of foreign workers, and of one that died before it could tell, are told by the result poller', { skip: name === 'pglite' ? 'nobody else reaches an embedded datastore' : false }, async (t) => {
      mail.mails.length = http.received.length = 0
      const { work } = await openWork({ backend: backend.url, prefix: '{signalbox}', connections: 2, timeoutMs: 5000, onError: () => {} })
      t.teardown(work.close)
      const options = { concurrency: 1, lockMs: 2000, stalledMs: 500, onError: () => {} }
      work.worker('foreign', async () => ({ output: 1 }), { ...options, name: 'python-worker' })
      work.worker('dead', async () => { throw new Error(`it needs ${DATABASE}`) }, options)
      const keys = [await submit(call, { type: 'foreign' }), await submit(call, { type: 'dead' })]
      for (const key of keys) await ended(call, key)
      await quiet(call)
      t.same(types(http.received, '/plain'), ['job.complete foreign', 'job.failed dead'])
      t.same(http.received.map(read).map(({ data }) => [data.name, data['host'], data['version'], data.reason]).sort(), [['dead', null, null, 'it needs mysql://reader:***@staging/core'], ['foreign', 'python-worker', null, null]])
    })
  })
}

t.test('what cannot be sent is tried again, given up at last, listed and sent when it is asked for; the jobs know nothing of it', { timeout: 120_000 }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(backend.close)
  const wrong = new Map<string, (response: ServerResponse) => void>()
  const tries = new Map<string, number>()
  const http = await openHttpReceiver(t, ({ path }, response) => {
    const n = (tries.get(path) ?? 0) + 1
    tries.set(path, n)
    const answer = wrong.get(path)
    if (answer !== undefined) answer(response)
    else response.writeHead(path === '/third-time' && n < 3 ? 503 : path === '/busy' && n < 6 ? 429 : 200, { 'retry-after': path === '/busy' ? '1' : '0' }).end()
  })
  wrong.set('/elsewhere', (response) => { response.writeHead(302, { location: '/third-time' }).end() })
  wrong.set('/gone/with-a-long-secret-path', (response) => { response.writeHead(410).end('gone: /gone/with-a-long-secret-path') })
  wrong.set('/silent', () => {})
  wrong.set('/broken', (response) => { response.destroy() })
  const paths = ['/third-time', '/elsewhere', '/gone/with-a-long-secret-path', '/silent', '/broken', '/busy']
  const mailPort = await freePort()
  await storeBlocks(backend.url, {
    ...Object.fromEntries(paths.map((path, i) => [`webhook/w${i}`, { url: `${http.url}${path}`, secret: SECRET }])),
    'smtp/away': { host: '127.0.0.1', port: mailPort, from: 'signalbox@example.org' },
    'smtp/strict': { host: '127.0.0.1', port: (await openMailServer(t)).port, from: 'signalbox@example.org' }
  })
  const notify = [...paths.map((_, i) => ({ webhook: { block: `w${i}` } })), { slack: { block: 'missing' } }, { mail: { block: 'away', to: ['a@example.org'] } }, { mail: { block: 'strict', to: ['nobody@example.org'] } }]
  const { call } = await openService(t, { backend: backend.url, env: ENV, lookups: { events: { go: ['work'] }, processes: { work: step({ notify }) } } })
  const key = await submit(call, { type: 'go' })
  await ended(call, key)
  t.match((await call('GET', `/jobs/work/${key}.work`)).body, { status: 'complete' })
  await quiet(call)
  const { body } = await call('GET', '/notifications')
  t.match(body, { sent: 2, failed: 7, next: null })
  const given = new Map<string, { block: string, attempts: number, reason: string, id: string }>(body.items.map((one: { block: string }) => [one.block, one]))
  t.same([...given].map(([block, { attempts }]) => [block, attempts]).sort(), [['away', 4], ['missing', 1], ['strict', 1], ['w1', 1], ['w2', 1], ['w3', 4], ['w4', 4]])
  t.match(given.get('missing')?.reason, /no block "missing" of the kind slack_webhook/)
  t.match(given.get('w1')?.reason, /answered 302: redirects are not followed/)
  t.match(given.get('w2')?.reason, /answered 410/)
  t.match(given.get('w3')?.reason, /not answered within 500 ms/)
  t.match(given.get('away')?.reason, /ECONNREFUSED/)
  t.match(given.get('strict')?.reason, /550/)
  t.notMatch(JSON.stringify(body), /long-secret-path/)
  t.equal(tries.get('/busy'), 6, 'who says when to come again is not given up for it')
  const told = (await call('GET', `/jobs/work/${key}.work`)).body.notices as Array<{ block: string, status: string, attempts: number, reason: string | null }>
  t.same(told.filter(({ status }) => status === 'failed').map(({ block, attempts, reason }) => ({ block, attempts, reason })).sort((a, b) => a.block < b.block ? -1 : 1), [...given.values()].map(({ block, attempts, reason }) => ({ block, attempts, reason })).sort((a, b) => a.block < b.block ? -1 : 1), 'the job says who could not be told')
  t.same((await call('GET', `/events/${key}`)).body.jobs[0].notices, { sent: 2, failed: 7 })
  const repeats = http.received.filter(({ path }) => path === '/third-time')
  t.equal(new Set(repeats.map(({ headers }) => headers['webhook-id'])).size, 1)
  t.equal(repeats.length, 3)
  t.ok(repeats.map(read), 'and each is signed for its own time')

  const mail = await openMailServer(t, { port: mailPort })
  const id = given.get('away')?.id ?? ''
  t.match(await call('POST', `/notifications/${id}/retry`), { status: 202, body: { id, kind: 'mail' } })
  await until(() => mail.mails.length === 1, 'the mail')
  await quiet(call)
  t.match(await call('POST', `/notifications/${id}/retry`), { status: 409, body: { code: 'NOTIFICATION_NOT_FAILED' } })
  t.match(await call('POST', '/notifications/nothing/retry'), { status: 404, body: { code: 'NOTIFICATION_NOT_FOUND' } })
  t.match((await call('GET', '/notifications?limit=2')).body, { sent: 3, failed: 6, items: { length: 2 } })
  const metrics = (await call('GET', '/metrics')).body as string
  t.match(metrics, /^signalbox_notifications_total\{kind="mail",outcome="failed"\} 2$/m)
  t.match(metrics, /^signalbox_queue_jobs\{queue="notifications",state="failed"\} 6$/m)
  t.match((await call('GET', '/processes')).body.items[0].notify[0], { webhook: { block: 'w0' } })
})

t.test('a notify entry that says nothing, or something else, is refused by name', async (t) => {
  const backend = { backend: 'pglite:/nowhere', env: ENV }
  for (const [notify, said] of [
    [[{ on: ['failure'] }], /bad\/notify\/0 must have required property 'mail'/],
    [[{ on: ['often'], slack: { block: 'x' } }], /bad\/notify\/0\/on\/0/],
    [[{ mail: { block: 'x', to: ['a@b\r\nBcc: c@d'] } }], /bad\/notify\/0\/mail\/to\/0/],
    [[{ webhook: { block: '../x' } }], /bad\/notify\/0\/webhook\/block/],
    [[{ webhook: { url: 'http://x' } }], /must NOT have additional properties: url/]
  ] as Array<[unknown, RegExp]>) {
    await t.rejects(openService(t, { ...backend, lookups: { events: { e: ['bad'] }, processes: { bad: step({ notify }) } } }), said)
    await t.rejects(openService(t, { ...backend, lookups: { events: { bad: { processes: [], notify } }, processes: {} } }), said)
  }
})
