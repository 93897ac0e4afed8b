import t from 'tap'
import { createMemoryEngine } from '../../fixtures/memory-engine.ts'
import { eventKey } from '../../../src/base/event.ts'
import { makePlan } from '../../../src/engine/dispatch/plan.ts'
import { readEvent, readJob } from '../../../src/engine/dispatch/facts.ts'
import { isSameEvent } from '../../../src/engine/dispatch/accept.ts'
import { toLookups } from '../../fixtures/memory-engine.ts'

t.test('an event is kept with its jobs, counted, listed and enqueued in one step', async (t) => {
  const { ledger, queued, post, counts } = await createMemoryEngine({ e: ['p', 'q'], n: [] }, { p: {}, q: { coalesce: {} } })
  const key = await post('e', { subject: 's' })
  t.same(counts(key), { open: 2, failed: 0, tree_open: 2, tree_failed: 0 })
  t.same([...queued.keys()], [`${key}.p`, `${key}.q`])
  for (const set of ['events', 'roots', 'type:e', 'subject:s', 'source:/test']) t.same((await ledger.list(set)).map(([, member]) => member), [key], set)
  t.same((await ledger.list('open:p')).map(([, member]) => member), [`${key}.p`])
  t.same(await ledger.list('ended:p'), [])
  const nothing = await post('n')
  t.same((await ledger.list('ended')).map(([, member]) => member), [nothing], 'what starts nothing has ended')
})

t.test('a repeat is answered like the first, and another event under its id is told apart', async (t) => {
  const lookups = await toLookups({ e: ['p'], f: ['p'] }, { p: {} })
  const { verbs, queued } = await createMemoryEngine({ e: ['p'] }, { p: {} })
  const key = eventKey('/s', '1')
  const taken = (event: { type: string, data?: unknown, time?: string }) => verbs.accept({ key, event: { id: '1', source: '/s', ...event }, plan: makePlan({ event: { id: '1', source: '/s', ...event }, key, given: true }, lookups), root: key, depth: 0, above: [] })
  t.match(await taken({ type: 'e', data: { a: 1, b: 2 } }), { known: false, same: true })
  t.match(await taken({ type: 'e', data: { b: 2, a: 1 }, time: '2026-01-01T00:00:00Z' }), { known: true, same: true })
  t.match(await taken({ type: 'f', data: { a: 1, b: 2 } }), { known: true, same: false })
  t.equal(queued.size, 1)
})

t.test('what lies on the way of an event does not make it another', async (t) => {
  const event = { id: '1', source: '/s', type: 'e', data: { time: 1 } }
  t.ok(isSameEvent(event, { ...event, traceparent: 'x', knativearrivaltime: 'y' }))
  for (const other of [{ ...event, subject: 's' }, { ...event, data: { time: 2 } }, { ...event, genome: 'g' }, { ...event, type: 'f' }]) t.notOk(isSameEvent(event, other))
})

t.test('the jobs of an event stand in its document up to 200, and in pieces beyond', async (t) => {
  for (const count of [200, 201]) {
    const names = Array.from({ length: count }, (_, i) => `p${i}`)
    const { ledger, post, complete, counts } = await createMemoryEngine({ e: names }, Object.fromEntries(names.map((name) => [name, {}])))
    const key = await post('e')
    t.equal((ledger.peek(`event:${key}`)?.value as { jobs: unknown[] }).jobs.length, count === 200 ? 200 : 0)
    t.same((await readEvent(ledger, key))?.value.jobs.map((job) => job.process), names, 'in their order')
    t.match(await readJob(ledger, `${key}.p77`), { job: { process: 'p77', queue: 'p77' } })
    await complete(key, 'p77')
    t.match(counts(key), { open: count - 1 })
  }
})
