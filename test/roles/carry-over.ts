import t from 'tap'
import { createLedger, type LedgerStore } from '../../src/ledger/open.ts'
import { openWork } from '../../src/queues/open-work.ts'
import { carryOver } from '../../src/roles/carry-over.ts'
import { BACKENDS, missing, openBackend } from '../fixtures/servers.ts'

t.jobs = 1

const BLOCKS = { 'webhook/team': { sealed: { key: 'k', iv: 'i', tag: 't', data: 'd' }, updated: '2026-11-01T00:00:00.000Z' } }

/** Keys of version 0.1 that stay where they are, each of its type. */
async function leaveKeys (store: LedgerStore): Promise<void> {
  if (store.kind !== 'redis') return
  const { client, prefix } = store
  for (const name of ['queues', 'events', 'jobs:wait', 'type:done', 'subject:s1', 'root:e1']) {
    await client.zadd(`${prefix}:signalbox:${name}`, 1, 'one')
  }
  await client.set(`${prefix}:signalbox:ping`, '1')
  for (const queue of ['events', 'schedules', 'notifications']) await client.hset(`${prefix}:${queue}:meta`, 'opts.maxLenEvents', '10000')
}

/** As version 0.1 has written it. */
async function writeNote (store: LedgerStore, name: string, value: object): Promise<void> {
  if (store.kind === 'redis') {
    await store.client.hset(`${store.prefix}:signalbox:note:${name}`, 'version', '1', 'value', JSON.stringify(value))
    return
  }
  await store.pool.query('create table if not exists bullmq.signalbox_note (name text primary key, version text not null, value jsonb not null, expires_at bigint not null)')
  await store.pool.query('insert into bullmq.signalbox_note values ($1, \'1\', $2, 0)', [name, JSON.stringify(value)])
}

for (const name of BACKENDS) {
  t.test(`on ${name}, a datastore of version 0.1 is taken over when its events have ended, with its blocks and pauses`, { skip: missing(name), timeout: 120_000 }, async (t) => {
    const backend = await openBackend(name)
    t.teardown(backend.close)
    const { work, store } = await openWork({ backend: backend.url, prefix: '{signalbox}', connections: 2, timeoutMs: 5000, onError: () => {} })
    t.teardown(work.close)
    const ledger = createLedger(store)
    await work.migrate()
    await ledger.migrate()
    await carryOver({ work, ledger })
    t.same(await ledger.get(['blocks', 'paused']), [undefined, undefined], 'a new datastore has nothing to take over')

    await leaveKeys(store)
    await writeNote(store, 'blocks', { blocks: BLOCKS })
    await writeNote(store, 'paused-processes', { names: ['dump_dna'] })
    await ledger.commit({ expect: [], enqueue: [{ queue: 'events', id: 'old', name: 'new_assembly', data: {} }] })
    await ledger.close()
    await t.rejects(carryOver({ work, ledger }), { code: 'EARLIER_EVENTS', message: /1 events of version 0\.1 that have not ended/ })
    await work.remove('events', 'old')
    await carryOver({ work, ledger })
    await carryOver({ work, ledger })
    t.match(await ledger.get(['blocks', 'paused']), [{ rev: 1, value: { v: 1, blocks: BLOCKS } }, { rev: 1, value: { v: 1, names: ['dump_dna'] } }])
  })
}
