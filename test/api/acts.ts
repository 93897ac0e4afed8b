import { createHash } from 'node:crypto'
import t from 'tap'
import { BACKENDS, missing, openBackend, until } from '../fixtures/servers.ts'
import { openService, step } from '../fixtures/service.ts'

const SCOPES = ['read', 'submit', 'operate', 'blocks']
const keys = JSON.stringify(['alice', 'bob'].map((name) => ({ name, sha256: createHash('sha256').update(`key-of-${name}`).digest('hex'), scopes: SCOPES })))
const lookups = {
  events: { go: ['step'], breaks: ['fail'] },
  processes: { step: step(), fail: step({ params: { fixed: { fail: 'no' } } }) },
  schedules: { hourly: { type: 'go', every: '1h' } }
}

for (const name of BACKENDS) {
  t.test(`on ${name}, who did something is told by what it was done to`, { skip: missing(name), timeout: 200_000 }, async (t) => {
    const backend = await openBackend(name)
    t.teardown(() => backend.close())
    const env = { SIGNALBOX_KEYS: keys, SIGNALBOX_SECRET_KEY: 'ab'.repeat(32), SIGNALBOX_BACKEND_TIMEOUT_MS: '20000', SIGNALBOX_CLOUDEVENTS: 'true' }
    const { call } = await openService(t, { backend: backend.url, lookups, env })
    const as = (who: string) => async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      await call(method, path, body, { authorization: `Bearer key-of-${who}`, ...headers })
    const [alice, bob] = [as('alice'), as('bob')]
    const at = /^\d{4}-\d\d-\d\dT/

    await t.test('a job tells who retried and cancelled it', async (t) => {
      const { body: [[process, id]], headers } = await alice('POST', '/jobs', { type: 'breaks' })
      t.equal((await bob('GET', `/jobs/${process}/${id}?wait=60`)).body.status, 'failed')
      t.match(await bob('POST', `/jobs/${process}/${id}/retry`), { status: 202, body: { acts: [{ act: 'retry', by: 'bob', at }] } })
      await bob('GET', `/jobs/${process}/${id}?wait=60`)
      await alice('POST', '/jobs/retry', { process })
      await bob('GET', `/jobs/${process}/${id}?wait=60`)
      const tree = (await bob('GET', String(headers['location']))).body
      t.match(tree, { submitted_by: 'alice', jobs: [{ acts: [{ by: 'bob' }, { act: 'retry', by: 'alice' }] }] })
      t.match((await bob('GET', '/events?type=breaks')).body.items, [{ submitted_by: 'alice' }])
      await bob('POST', '/queues/step/pause')
      const { body: [[, waiting]] } = await alice('POST', '/jobs', { type: 'go' })
      t.match(await alice('DELETE', `/jobs/step/${waiting}`), { body: { status: 'cancelled', acts: [{ act: 'cancel', by: 'alice' }] } })
      await bob('POST', '/queues/step/resume')
    })

    await t.test('queues, processes, schedules, backfills and blocks tell it too', async (t) => {
      await alice('POST', '/queues/step/pause')
      await bob('POST', '/queues/step/resume')
      const queue = (await alice('GET', '/queues')).body.items.find((one: { queue: string }) => one.queue === 'step')
      t.match(queue.acts.slice(-2), [{ act: 'pause', by: 'alice', at }, { act: 'resume', by: 'bob', at }])
      t.match((await bob('POST', '/processes/fail/pause')).body, { paused: true, acts: [{ act: 'pause', by: 'bob' }] })
      t.match((await alice('GET', '/processes')).body.items, [{ process: 'step', acts: undefined }, { process: 'fail', acts: [{ by: 'bob' }] }])
      await bob('POST', '/processes/fail/resume')
      t.match((await alice('POST', '/schedules/hourly/pause')).body, { paused: true, acts: [{ act: 'pause', by: 'alice' }] })
      t.match((await alice('POST', '/backfills', { id: 'b', type: 'go', begin: '2026-01-01', end: '2026-01-02', every: '1d' })).body.acts, [{ act: 'start', by: 'alice' }])
      t.match((await bob('PUT', '/blocks/slack_webhook/x', { url: 'https://hooks.example/x' })).body.acts, [{ act: 'put', by: 'bob' }])
      t.match((await alice('GET', '/blocks/slack_webhook/x')).body.acts, [{ act: 'put', by: 'bob' }])
    })

    await t.test('a pause says why, where it stands and to whoever waits for it', async (t) => {
      const note = 'the disk is full'
      t.match((await bob('POST', '/queues/step/pause', { note })).body.acts.at(-1), { act: 'pause', by: 'bob', note })
      const { headers, body: [[, id]] } = await alice('POST', '/jobs', { type: 'go', subject: 'paused' })
      t.equal((await bob('GET', `/jobs/step/${id}`)).body.waiting_for, `queue step is paused by bob: ${note}`)
      t.match(await bob('POST', `${String(headers['location'])}/cancel?dry_run=true`), { status: 200, body: { dry_run: true, cancelled: [['step', id]] } })
      t.match(await bob('POST', `${String(headers['location'])}/cancel`), { status: 202, body: { cancelled: [['step', id]], stopping: [], next: null } })
      await bob('POST', '/queues/step/resume')
      t.match((await alice('POST', '/processes/fail/pause', { note })).body.acts.at(-1), { by: 'alice', note })
      await alice('POST', '/processes/fail/resume')
      t.match(await alice('POST', '/processes/fail/pause', { why: note }), { status: 400, body: { field: 'why' } })
      for (const unfit of ['', 'a\0', '\ud800']) t.match(await alice('POST', '/queues/step/pause', { note: unfit }), { status: 400, body: { field: 'note' } })
    })

    await t.test('failures by cause are dismissed with a note and put back; a whole event is retried', async (t) => {
      const { headers, body: [[process, id]] } = await alice('POST', '/jobs', { type: 'breaks', subject: 'thing' })
      const [event, job] = [String(headers['location']), `/jobs/${process}/${id}`]
      await bob('GET', `${job}?wait=60`)
      t.match((await bob('GET', '/jobs/failures?subject=thing')).body, { total: 1, next: null, items: [{ process, pattern: 'no', count: 1, jobs: [[process, id]] }] })
      t.match((await bob('GET', '/jobs?status=failed&subject=thing&pattern=no')).body.items, [{ id, made_good_by: null }])
      t.same((await bob('GET', '/jobs?status=failed&pattern=yes')).body.items, [])
      t.match((await bob('POST', `${job}/dismiss`, { note: 'seen' })).body, { status: 'failed', dismissed: { by: 'bob', note: 'seen', at } })
      t.same((await bob('GET', '/jobs?status=failed&subject=thing')).body.items, [])
      t.match((await bob('GET', '/jobs?status=failed&subject=thing&handled=true')).body.items, [{ id, dismissed: { by: 'bob' } }])
      t.same((await alice('POST', `${event}/retry?dry_run=true`)).body.retried, [])
      t.match((await alice('DELETE', `${job}/dismiss`)).body, { status: 'failed', dismissed: null })
      t.match((await bob('GET', '/jobs?status=failed&subject=thing')).body.items, [{ id }])
      t.match(await alice('POST', `${event}/retry?dry_run=true`), { status: 200, body: { retried: [[process, id]] } })
      t.match(await alice('POST', `${event}/retry`), { status: 202, body: { retried: [[process, id]], skipped: [], next: null } })
      t.match((await bob('GET', `${job}?wait=60`)).body, { status: 'failed', taken_over: 0, attempts: { list: [{ round: 0 }, { round: 1 }] } })
    })

    await t.test('workers, figures, and what was last done for a subject', async (t) => {
      const { body: [[, id]] } = await alice('POST', '/jobs', { type: 'go', subject: 'thing' })
      await bob('GET', `/jobs/step/${id}?wait=60`)
      t.match((await bob('GET', '/subjects/thing')).body, { subject: 'thing', events: 2, cut: false, processes: [{ process: 'fail', last_success: null, last_failure: { at } }, { process: 'step', last_success: { job: id, at }, last_failure: null }] })
      t.same((await bob('GET', '/subjects/nobody')).body, { subject: 'nobody', events: 0, cut: false, processes: [] })
      const counted = async () => (await bob('GET', '/stats?process=fail')).body
      await until(async () => (await counted()).processes[0].jobs.failed >= 4, 'the counts')
      const { processes, steps } = await counted()
      t.match(processes, { length: 1, 0: { process: 'fail', jobs: { complete: 0 } } })
      t.match(steps.at(-1), { jobs: { complete: 0 }, run: { p50: Number }, wait: { p95: Number } })
      await until(async () => (await bob('GET', '/workers')).body.items.length === 1, 'the worker')
      t.match((await bob('GET', '/workers')).body.items, [{ processes: ['step', 'fail'], lost: false }])
    })

    await t.test('a replay tells who asked for it', async (t) => {
      const { headers } = await alice('POST', '/jobs', { type: 'go', id: 'first' })
      const replayed = await bob('POST', `${String(headers['location'])}/replay`)
      t.match((await bob('GET', String(replayed.headers['location']))).body, { submitted_by: 'bob', replays: /./ })
    })

    await t.test('the ids of two keys are apart where no source is given', async (t) => {
      const [one, other] = [await alice('POST', '/jobs', { type: 'go', id: 'same', data: { a: 1 } }), await bob('POST', '/jobs', { type: 'go', id: 'same', data: { a: 2 } })]
      t.same([one.status, other.status], [202, 202])
      t.match((await alice('GET', '/events/same')).body.event, { source: '/jobs/alice', data: { a: 1 } })
      t.match((await bob('GET', '/events/same')).body.event, { source: '/jobs/bob', data: { a: 2 } })
      t.match((await bob('GET', '/events/same?source=/jobs/alice')).body.event, { data: { a: 1 } })
    })

    await t.test('another event under an id is 409 with the field that differs: on /jobs, /event and in a batch', async (t) => {
      t.match(await alice('POST', '/jobs', { type: 'go', id: 'same', data: { a: 3 } }), { status: 409, body: { code: 'EVENT_ID_CONFLICT', field: 'data' } })
      t.match(await alice('POST', '/jobs', { type: 'breaks', id: 'same', data: { a: 1 } }), { status: 409, body: { field: 'type' } })
      const ce = (more: object) => ({ specversion: '1.0', id: 'c', source: '/x', type: 'go', ...more })
      const structured = { 'content-type': 'application/cloudevents+json' }
      t.equal((await alice('POST', '/event', ce({ data: 1 }), structured)).status, 202)
      t.equal((await alice('POST', '/event/', ce({ data: 1 }), structured)).status, 200)
      t.match(await alice('POST', '/event/', ce({ data: 2 }), structured), { status: 409, body: { code: 'EVENT_ID_CONFLICT', field: 'data' } })
      t.match(await alice('POST', '/event', ce({ data: 1, subject: 's' }), structured), { status: 409, body: { field: 'subject' } })
      const batch = { 'content-type': 'application/cloudevents-batch+json' }
      t.match(await alice('POST', '/event', [ce({ id: 'd' }), ce({ data: 2 })], batch), { status: 409, body: { code: 'EVENT_ID_CONFLICT', field: '1/data' } })
      t.equal((await alice('GET', '/events/d?source=/x')).status, 404, 'nothing of that batch is kept')
    })

    await t.test('an Idempotency-Key names a request that has no id', async (t) => {
      const header = { 'idempotency-key': 'once-1' }
      const first = await alice('POST', '/jobs', { type: 'go', data: { n: 1 } }, header)
      t.match(first, { status: 202, headers: { 'idempotent-replayed': undefined } })
      const again = await alice('POST', '/jobs', { type: 'go', data: { n: 1 } }, header)
      t.match(again, { status: 200, headers: { 'idempotent-replayed': 'true' }, body: first.body })
      t.match(await alice('POST', '/jobs', { type: 'go', data: { n: 2 } }, header), { status: 409, body: { code: 'EVENT_ID_CONFLICT', field: 'data' } })
      t.equal((await bob('POST', '/jobs', { type: 'go', data: { n: 2 } }, header)).status, 202, 'of another key it is another')
      t.match(await alice('POST', '/jobs', { type: 'go', id: 'x' }, header), { status: 400, body: { code: 'INVALID_QUERY', field: 'id' } })
      t.equal((await alice('POST', '/jobs?type=go', { n: 1 }, header)).status, 200, 'the same event, written in another way')
      const replay = { ids: ['same'], id: 'replay-1' }
      t.match(await alice('POST', '/events/replay', replay), { status: 202, headers: { 'idempotent-replayed': undefined }, body: { replayed: [{ event: /./ }] } })
      t.match(await alice('POST', '/events/replay', replay), { headers: { 'idempotent-replayed': 'true' } })
    })
  })
}
