import t from 'tap'
import { createNotices } from '../../../src/engine/notifications/notices.ts'
import { readEventEnd } from '../../../src/engine/notifications/event-end.ts'
import { toNotify, type NotifyEntry } from '../../../src/schemas/notify.ts'
import { createMemoryEngine, toLookups } from '../../fixtures/memory-engine.ts'

const webhook = (on?: NotifyEntry[number]['on']): NotifyEntry => [{ on, webhook: { block: 'team' } }]

async function createEngine ({ process: ofProcess, event: ofEvent, reports = false }: { process?: NotifyEntry, event?: NotifyEntry, reports?: boolean }) {
  const lookups = await toLookups({ e: ['p', 'q'] }, { p: { notify: ofProcess } as never, q: {} })
  const given = { type: 'e', processes: ['p', 'q'], notify: toNotify(ofEvent ?? []) }
  const known = { ...lookups, eventTypes: new Map([['e', given]]) }
  const notices = createNotices({ lookups: () => known, hide: (text) => text.replace('hunter2', '***'), delays: [50, 100], reports })
  return await createMemoryEngine({ e: ['p', 'q'] }, { p: {}, q: {} }, undefined, notices)
}

const told = ({ queued }: Awaited<ReturnType<typeof createEngine>>) => [...queued.values()].filter(({ queue }) => queue === 'notifications')

t.test('the end of a job is told by the unit that ends it, once to each who asked for such an end', async (t) => {
  const engine = await createEngine({ process: [...webhook(['failure']), ...webhook(['success'])] })
  const key = await engine.post('e', { subject: 'human' })
  await engine.fail(key, 'p')
  await engine.complete(key, 'q')
  const [notice, ...others] = told(engine)
  t.same(others, [])
  t.match(notice, { name: 'webhook', options: { attempts: 3, backoff: { type: 'list', delays: [50, 100] } }, data: { target: { kind: 'webhook', block: 'team' }, notice: { about: 'job', status: 'failed', name: 'p', id: `${key}.p`, event: { id: key, type: 'e', subject: 'human' } } } })
  await engine.verbs.retry(`${key}.p`)
  await engine.fail(key, 'p')
  t.equal(told(engine).length, 2, 'each end under a name of its own')
})

t.test('the end of an event is told by the unit that ends its last job; what it came to is read later', async (t) => {
  const engine = await createEngine({ event: webhook(['failure', 'cancelled']), reports: true })
  const key = await engine.post('e')
  await engine.complete(key, 'q', [{ type: 'e' }])
  t.same(told(engine), [], 'a job is open')
  await engine.fail(key, 'p')
  t.same(told(engine).map(({ name, data }) => [name, data]), [
    ['webhook', { target: { kind: 'webhook', block: 'team' }, on: ['failure', 'cancelled'], event: key }],
    ['report', { report: key }]
  ])
  t.match(await readEventEnd(engine.ledger, key), { key, status: 'failed', open: 0, jobs: [{ process: 'p', status: 'failed', reason: 'no luck', events: [] }, { process: 'q', status: 'complete', reason: null, events: { length: 1 } }] })
})

t.test('an event whose work another one does has not ended before that', async (t) => {
  const { post, complete, pass, ledger } = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: { by: 'subject' } } })
  const [first] = [await post('e', { subject: 's' })]
  await pass()
  const [second, third] = [await post('e', { subject: 's' }), await post('e', { subject: 's' })]
  await pass()
  await complete(first, 'p')
  await pass()
  t.match(await readEventEnd(ledger, third), { status: 'incomplete', open: 0, jobs: [{ status: 'absorbed' }] })
  await complete(second, 'p')
  t.match(await readEventEnd(ledger, third), { status: 'complete', jobs: [{ status: 'absorbed' }] })
  t.equal(await readEventEnd(ledger, 'nothing'), undefined)
})
