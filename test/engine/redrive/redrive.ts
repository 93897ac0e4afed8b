import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createRedrive } from '../../../src/engine/redrive/redrive.ts'
import { errors } from '../../../src/base/errors.ts'
import { eventDoc, eventOfJob, jobDoc, sets } from '../../../src/engine/documents/names.ts'
import { createMemoryLedger } from '../../../src/ledger/memory.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { openService, step, temporaryFolder, writeLookups, type Answer } from '../../fixtures/service.ts'

t.jobs = 1

const backend = await openAnyBackend()
t.teardown(() => backend.close())
const scratch = temporaryFolder(t)
const cure = join(scratch, 'cure.mjs')
const cured = join(scratch, 'cured')
/** Fails until the file `cured` is there. */
writeFileSync(cure, `import { existsSync } from 'node:fs'
export async function run ({ params }) {
  if (!existsSync(${JSON.stringify(cured)})) throw new Error(params.reason ?? 'the disk is full')
  return { output: 'well' }
}`)
const curable = { run: { module: cure, thread: false } }

const lookups = {
  events: { thing: ['one', 'two'], noted: [], chained: ['chain'], sick: ['curable', 'curable_too'], hopeless: ['failing'], strict: ['strict'], moved: ['moved'], held: ['held'], gated: ['gated'], half: ['awaiting'], other_half: ['awaiting'] },
  processes: {
    one: step(),
    two: step(),
    chain: step({ params: { default: { emit: [{ type: 'noted' }] } } }),
    curable,
    curable_too: curable,
    failing: step({ params: { default: { fail: 'never' } } }),
    strict: step({ params: { schema: { required: ['subject'] } } }),
    moved: step({ queue: 'old_home', params: { default: { fail: 'moved and failed' } } }),
    gated: { ...curable, limit: { concurrency: 1 } },
    awaiting: step({ wait_for: { all: ['half', 'other_half'], within: '200ms', on_timeout: 'fail' } }),
    held: step({ params: { default: { ms: 30_000 } } })
  }
}
const { call, folder, service } = await openService(t, { backend: backend.url, lookups })

const keyOf = (answer: Answer): string => String(answer.headers['location']).replace('/events/', '')
const submit = async (type: string, more: object = {}): Promise<string> => keyOf(await call('POST', '/jobs', { type, ...more }))
const closed = async (key: string) => {
  await until(async () => (await call('GET', `/events/${key}`)).body.tree_status !== 'incomplete', `the close of ${key}`)
  return (await call('GET', `/events/${key}`)).body
}
const change = async (changed: typeof lookups | object): Promise<void> => {
  writeLookups(folder, { ...lookups, ...changed })
  t.equal(await service.reload(), true)
}
const failedIds = async (query: string): Promise<string[]> => (await call('GET', `/jobs?status=failed&${query}`)).body.items.map((job: { id: string }) => job.id)

t.test('an event is replayed by the lookups of now, or as its record says', async (t) => {
  const old = await submit('thing', { subject: 'then' })
  await closed(old)
  await change({ events: { ...lookups.events, thing: ['two'] } })
  t.same((await call('POST', `/events/${old}/replay`)).body.map(([name]: [string]) => name), ['two'])
  const then = await call('POST', `/events/${old}/replay?as=then`)
  t.equal(then.status, 202)
  t.same(then.body.map(([name]: [string]) => name), ['one', 'two'])
  t.match(await closed(keyOf(then)), { replays: old, tree_status: 'complete', jobs: [{ process: 'one', status: 'complete' }, { process: 'two' }] })
  const { thing: _thing, ...events } = lookups.events
  await change({ events })
  t.equal((await call('POST', `/events/${old}/replay`)).status, 404, 'its type is not listed now')
  t.equal((await call('POST', `/events/${old}/replay?as=then`)).status, 202)
  const { one: _one, ...processes } = lookups.processes
  await change({ events, processes })
  t.match(await call('POST', `/events/${old}/replay?as=then`), { status: 409, body: { code: 'ROUTING_GONE', message: /process one is not defined/ } })
  await change({ processes: { ...lookups.processes, moved: { queue: 'one', run: { external: true } }, one: step({ queue: 'elsewhere' }) } })
  t.match(await call('POST', `/events/${old}/replay?as=then`), { status: 409, body: { code: 'ROUTING_GONE', message: /foreign workers of moved/ } })
  t.equal((await call('POST', `/events/${old}/replay?as=later`)).status, 400)
  await change({})
})

t.test('a replay as then goes to the queues of then', async (t) => {
  const old = await submit('moved')
  await closed(old)
  await change({ processes: { ...lookups.processes, moved: step({ queue: 'new_home' }) } })
  const again = keyOf(await call('POST', `/events/${old}/replay?as=then`))
  t.match(await closed(again), { status: 'complete' }, 'a queue that the lookups dropped is served')
  await change({})
})

t.test('events are replayed by filter, oldest first, page by page: only what was submitted', async (t) => {
  const subject = 'by filter'
  const keys: string[] = []
  for (const type of ['chained', 'noted', 'chained', 'noted', 'chained']) keys.push(await submit(type, { subject, data: { emit: [{ type: 'noted', subject }] } }))
  for (const key of keys) await closed(key)
  const dry = await call('POST', '/events/replay', { subject, dry_run: true })
  t.match(dry, { status: 200, body: { dry_run: true, skipped: [], next: null } })
  t.same(dry.body.replayed.map((one: { event: string }) => one.event), keys, 'follow-on events of the subject are not among them')
  const first = await call('POST', '/events/replay', { subject, type: 'chained', limit: 2 }, { 'idempotency-key': 'pages' })
  t.equal(first.status, 202)
  t.same(first.body.replayed.map((one: { event: string }) => one.event), [keys[2], keys[4]])
  const second = await call('POST', '/events/replay', { subject, type: 'chained', limit: 2, cursor: first.body.next, id: 'pages' })
  t.same(second.body.replayed.map((one: { event: string }) => one.event), [keys[0]])
  t.equal(second.body.next, null)
  const { as, jobs } = second.body.replayed[0]
  t.match(await closed(as), { replays: keys[0], depth: 0, event: { type: 'chained', subject }, jobs: [{ id: jobs[0][1], events: [{ event: { type: 'noted' } }] }] })
  const later = (await call('POST', '/events/replay', { subject, dry_run: true })).body.replayed
  t.same(later.map((one: { event: string }) => one.event), keys, 'replays are not replayed')
})

t.test('a filter takes time and status', async (t) => {
  const subject = 'time and status'
  const good = await submit('noted', { subject })
  const bad = await submit('hopeless', { subject })
  await closed(good)
  const { received } = await closed(bad)
  const events = async (body: object): Promise<string[]> => (await call('POST', '/events/replay', { subject, dry_run: true, ...body })).body.replayed.map((one: { event: string }) => one.event)
  t.same(await events({ status: 'failed' }), [bad])
  t.same(await events({ status: 'complete' }), [good])
  t.same(await events({ until: new Date(Date.parse(received) + 60_000).toISOString() }), [good, bad])
  t.same(await events({ since: new Date(Date.parse(received) + 60_000).toISOString() }), [])
})

t.test('the same bulk replay again, and at once, makes nothing twice', async (t) => {
  const subject = 'idempotent'
  const keys = [await submit('thing', { subject }), await submit('noted', { subject })]
  const body = { subject, status: 'complete', until: new Date(Date.now() + 60_000).toISOString() }
  for (const key of keys) await closed(key)
  const ask = () => call('POST', '/events/replay', body, { 'idempotency-key': 'once' })
  const announced = (await call('POST', '/events/replay', { ...body, id: 'once', dry_run: true })).body
  const answers = await Promise.all([ask(), ask(), ask()])
  for (const answer of answers) t.same(answer.body, { ...announced, dry_run: false })
  for (const { as } of announced.replayed) await closed(as)
  t.same((await ask()).body, answers[0]?.body, 'also after their end')
  t.equal((await call('GET', `/events?subject=${subject}`)).body.items.length, 4)
  t.not((await call('POST', '/events/replay', { ...body, dry_run: true })).body.replayed[0].as, announced.replayed[0].as, 'a request without a name is another one')
})

t.test('events that are named are replayed, and those that cannot be are told with the reason', async (t) => {
  const own = await submit('noted', { id: 'mine' })
  const strict = await submit('strict', { subject: 's' })
  const gone = await submit('held')
  await change({ events: { ...lookups.events, strict: ['strict'] }, processes: { ...lookups.processes, strict: step({ params: { schema: { required: ['data'] } } }) } })
  const { status, body } = await call('POST', '/events/replay', { ids: ['mine', own, strict, 'nothing'] })
  t.equal(status, 202)
  t.same(body.replayed.map((one: { event: string }) => one.event), [own])
  t.same(body.skipped, [{ event: 'nothing', reason: 'event "nothing" is not known' }, { event: strict, reason: 'data is required (needed by strict)' }])
  const { held: _held, ...events } = lookups.events
  await change({ events })
  for (const dry of [true, false]) t.match((await call('POST', '/events/replay', { ids: [gone], dry_run: dry })).body.skipped, [{ event: gone, reason: /"held" is not known/ }])
  await change({})
  await call('DELETE', `/jobs/held/${gone}.held`)
})

t.test('what a bulk request cannot mean is refused', async (t) => {
  for (const [path, body, field] of [
    ['/events/replay', {}, undefined], ['/events/replay', { limit: 10, as: 'then' }, undefined], ['/events/replay', { type: 5 }, 'body/type'], ['/events/replay', { typ: 'x' }, 'body/typ'],
    ['/events/replay', { type: 'thing', limit: 1001 }, 'body/limit'], ['/events/replay', { type: 'thing', limit: '5' }, 'body/limit'], ['/events/replay', { ids: ['a'], type: 'thing' }, 'type'],
    ['/events/replay', { ids: [] }, 'body/ids'], ['/events/replay', { type: 'a\0b' }, 'body/type'], ['/events/replay', { type: 'thing', since: 'yesterday' }, 'body/since'],
    ['/events/replay', { since: '2016-12-31T23:59:60Z' }, 'since'], ['/events/replay', { type: 'thing', cursor: 'nonsense' }, 'cursor'], ['/events/replay', { type: 'thing', as: 'later' }, 'body/as'],
    ['/events/replay', { type: 'thing', id: '' }, 'body/id'], ['/events/replay', [], 'body'], ['/events/replay', null, undefined],
    ['/jobs/retry', {}, undefined], ['/jobs/retry', { all: false, limit: 5 }, undefined], ['/jobs/retry', { all: 'true' }, 'body/all'], ['/jobs/retry', { process: '' }, 'body/process'],
    ['/jobs/retry', { reason_contains: 'x', extra: 1 }, 'body/extra'], ['/jobs/retry', { all: true, cursor: 'nonsense' }, 'cursor']
  ] as const) {
    const answer = await call('POST', path, body)
    t.equal(answer.status, 400, `${path} ${JSON.stringify(body)}`)
    if (field !== undefined) t.equal(answer.body.field, field, JSON.stringify(body))
  }
  t.match((await call('POST', '/events/replay', { type: 'thing', id: 'a' }, { 'idempotency-key': 'b' })).body, { field: 'id' })
  t.equal((await call('POST', '/jobs/retry')).status, 400)
  t.match((await call('POST', '/jobs/retry', {})).body, { code: 'NO_CONDITION', message: /all: true/ })
  for (const path of ['/jobs', '/jobs?status=complete', '/jobs?status=failed&limit=0', '/jobs?status=failed&subject=%00', '/jobs?status=failed&cursor=x', '/jobs?status=failed&since=x']) t.equal((await call('GET', path)).status, 400, path)
})

t.test('failed jobs are listed across processes, the last failure first', async (t) => {
  const subject = 'dead letters'
  await closed(await submit('sick', { subject, data: { reason: 'no space left on device' } }))
  await closed(await submit('hopeless', { subject }))
  const cancelled = await submit('held', { subject })
  await until(async () => (await call('GET', `/jobs/held/${cancelled}.held`)).body.status === 'running')
  await call('DELETE', `/jobs/held/${cancelled}.held`)
  await closed(cancelled)
  const { items, next } = (await call('GET', `/jobs?status=failed&subject=${encodeURIComponent(subject)}`)).body
  t.equal(next, null)
  t.match(items[0], { process: 'failing', status: 'failed', reason: 'never', input: { subject }, attempts: { made: 1 } })
  t.same(items.slice(1).map((job: { process: string }) => job.process).sort(), ['curable', 'curable_too'], 'the cancelled one is not among them')
  const pages: string[] = []
  let cursor = ''
  do {
    const page: Answer = await call('GET', `/jobs?status=failed&subject=${encodeURIComponent(subject)}&limit=1${cursor}`)
    pages.push(...page.body.items.map((job: { id: string }) => job.id))
    cursor = page.body.next === null ? '' : `&cursor=${page.body.next}`
  } while (cursor !== '')
  t.same(pages, items.map((job: { id: string }) => job.id))
  t.same(await failedIds(`process=failing&subject=${encodeURIComponent(subject)}`), [items[0].id])
  t.same(await failedIds(`since=${new Date(Date.now() + 60_000).toISOString()}`), [])
})

t.test('the failed jobs of a process that the lookups dropped are still listed', async (t) => {
  const key = await submit('moved', { subject: 'dropped' })
  await closed(key)
  const { moved: _type, ...events } = lookups.events
  const { moved: _process, ...processes } = lookups.processes
  await change({ events, processes })
  t.same(await failedIds('subject=dropped'), [`${key}.moved`])
  await change({})
})

t.test('a job that failed at its gate, or after it, is listed and retried under its own id', async (t) => {
  const subject = 'at the gate'
  const [late, gated] = [await submit('half', { subject }), await submit('gated', { subject })]
  for (const key of [late, gated]) t.match(await closed(key), { status: 'failed' })
  t.same((await failedIds(`subject=${encodeURIComponent(subject)}`)).sort(), [`${late}.awaiting`, `${gated}.gated`].sort())
  const { retried, skipped } = (await call('POST', '/jobs/retry', { subject })).body
  t.same(skipped, [])
  t.same(retried.map(([, id]: [string, string]) => id).sort(), [`${late}.awaiting`, `${gated}.gated`].sort())
  t.match(await closed(late), { status: 'failed', jobs: [{ reason: /for an event of other_half/ }] }, 'it has waited again for what has not come')
  t.match(await closed(gated), { status: 'failed' })
  const then = await call('POST', `/events/${gated}/replay?as=then`)
  t.match(await closed(keyOf(then)), { jobs: [{ process: 'gated', status: 'failed', reason: 'the disk is full' }] })
})

t.test('failed jobs are retried by filter, and their events close anew', async (t) => {
  const subject = 'redriven'
  const keys = [await submit('sick', { subject, data: { reason: 'no space left on device' } }), await submit('sick', { subject })]
  const other = await submit('hopeless', { subject })
  for (const key of [...keys, other]) await closed(key)
  const dry = await call('POST', '/jobs/retry', { subject, process: 'curable', dry_run: true })
  t.equal(dry.status, 200)
  t.same(dry.body.retried.map(([, id]: [string, string]) => id).sort(), keys.map((key) => `${key}.curable`).sort())
  t.match((await call('GET', `/jobs/curable/${keys[0]}.curable`)).body, { status: 'failed' }, 'a dry run does nothing')
  t.same((await call('POST', '/jobs/retry', { subject, reason_contains: 'no space', dry_run: true })).body.retried.length, 2)
  t.notOk(existsSync(cured))
  writeFileSync(cured, '')
  const answer = await call('POST', '/jobs/retry', { subject })
  t.equal(answer.status, 202)
  t.match(answer.body, { dry_run: false, skipped: [], next: null })
  t.equal(answer.body.retried.length, 5, 'both jobs of both events, and the hopeless one')
  for (const key of keys) t.match(await closed(key), { status: 'complete', jobs: [{ status: 'complete' }, { status: 'complete' }] })
  t.match(await closed(other), { status: 'failed' })
  t.same(await failedIds(`subject=${subject}`), [`${other}.failing`])
})

t.test('a retry goes on where it stopped, past what has failed again meanwhile', async (t) => {
  const subject = 'page by page'
  const keys: string[] = []
  for (let i = 0; i < 3; i++) keys.unshift(await submit('hopeless', { subject }))
  for (const key of keys) await closed(key)
  const before = await failedIds(`subject=${encodeURIComponent(subject)}`)
  const first = (await call('POST', '/jobs/retry', { subject, limit: 2 })).body
  t.same(new Set(first.retried.map(([, id]: [string, string]) => id)), new Set(before.slice(0, 2)))
  for (const [, id] of first.retried) await until(async () => (await failedIds(`subject=${encodeURIComponent(subject)}`)).includes(id))
  const second = (await call('POST', '/jobs/retry', { subject, limit: 2, cursor: first.next })).body
  t.same(second.retried, [['failing', before[2]]])
  t.equal(second.next, null)
})

t.test('a job that has changed meanwhile is skipped with the reason; a datastore that fails is no reason', async (t) => {
  const ledger = createMemoryLedger()
  const jobs = ['a.p', 'b.p', 'c.p']
  for (const [i, id] of jobs.entries()) {
    const event = { v: 1, event: { type: 'x', id, source: '/s' }, at: i, root: eventOfJob(id), depth: 0, above: [], jobs: [{ process: 'p', id, queue: 'p' }], lookups: '', entries: [] }
    const job = { v: 1, state: 'failed', round: 0, at: i, attempts: [], absorbed: 0, reason: 'no' }
    const docs = [eventDoc(eventOfJob(id)), jobDoc(id)] as const
    const entries = [{ set: sets.failed, member: id, score: i }]
    t.match(ledger.apply({ expect: docs.map((doc) => ({ doc, rev: 0 })), put: [{ doc: docs[0], value: event }, { doc: docs[1], value: job }], entries }), { ok: true })
  }
  const retry = async (_name: string, id: string) => {
    if (id === 'a.p') throw errors.jobNotFinished('running')
    return {} as never
  }
  const redrive = createRedrive({ ledger, jobs: { retry, views: async () => [] }, verbs: { handle: async () => 'handled', restore: async () => 'handled' } })
  t.match(await redrive.retry({}, { limit: 10 }), { retried: [['p', 'c.p'], ['p', 'b.p']], skipped: [{ process: 'p', id: 'a.p', reason: /the job is running/ }] })
  const away = createRedrive({ ledger, jobs: { retry: async () => { throw errors.backendUnavailable() }, views: async () => [] }, verbs: { handle: async () => 'handled', restore: async () => 'handled' } })
  await t.rejects(away.retry({}, { limit: 10 }), { code: 'BACKEND_UNAVAILABLE' })
})
