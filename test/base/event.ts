import fc from 'fast-check'
import t from 'tap'
import { makePlan, withDefaults } from '../../src/engine/dispatch/plan.ts'
import { toMilliseconds, formatDuration } from '../../src/base/duration.ts'
import { checkValue, eventKey, followOnKey, jobIdOf, keyOfJob, readEvent } from '../../src/base/event.ts'
import type { Definition, Lookups } from '../../src/engine/lookups/lookups.ts'
import { maskSecrets } from '../../src/base/mask.ts'

t.test('an event without id gets one that grows with time; one with an id has a key that follows from it', async (t) => {
  const [first, second] = [readEvent({ type: 'a' }), readEvent({ type: 'a' })]
  t.match(first.key, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.ok(first.key < second.key)
  t.equal(first.given, false)
  const given = readEvent({ type: 'a', id: 'x', source: 's' })
  t.match(given, { given: true, key: eventKey('s', 'x'), event: { id: 'x', source: 's' } })
  t.equal(readEvent({ type: 'b', id: 'x', source: 's', data: 1 }).key, given.key)
})

t.test('keys differ wherever source and id differ, and are never those of follow-on events', async (t) => {
  fc.assert(fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => (eventKey(a, b) === eventKey(c, d)) === (a === c && b === d)))
  fc.assert(fc.property(fc.string(), fc.nat(), fc.string(), fc.string(), (job, index, source, id) => followOnKey(job, index) !== eventKey(source, id)))
  t.not(eventKey('a', 'bc'), eventKey('ab', 'c'))
})

t.test('a job id leads back to its event', async (t) => {
  t.equal(keyOfJob(jobIdOf('key', 'some.process'), 'some.process'), 'key')
  t.equal(keyOfJob('key.other', 'some'), undefined)
  t.equal(keyOfJob('.some', 'some'), undefined)
})

t.test('a subject of 256 characters is taken, one of 257 refused', async (t) => {
  t.equal(readEvent({ type: 'a', subject: 's'.repeat(256) }).event.subject, 's'.repeat(256))
  t.throws(() => readEvent({ type: 'a', subject: 's'.repeat(257) }), { code: 'INVALID_EVENT', field: 'subject', message: 'subject must have at most 256 characters' })
  t.throws(() => readEvent({ type: 'a', genome: 'g'.repeat(257) }), { code: 'INVALID_EVENT' })
})

t.test('a subject or a time that is null is not given', async (t) => {
  t.same(readEvent({ type: 'a', id: 'x', source: null, subject: null, time: null, parent: null }).event, { type: 'a', id: 'x', source: '/jobs', parent: null })
})

t.test('genome is the subject where there is no other, and stays', async (t) => {
  t.match(readEvent({ type: 'a', genome: 'g' }).event, { subject: 'g', genome: 'g' })
  t.match(readEvent({ type: 'a', genome: 'g', subject: 's' }).event, { subject: 's', genome: 'g' })
  t.equal(readEvent({ type: 'a', genome: { not: 'text' } }).event.subject, undefined)
})

t.test('times are RFC 3339 with seconds and an offset', async (t) => {
  for (const time of ['2026-11-21T10:30:00Z', '2024-03-01T05:29:60.123456789+05:30', '2026-11-21t10:30:00z']) t.equal(readEvent({ type: 'a', time }).event.time, time)
  for (const time of ['2026-11-21', '2026-11-21T10:30Z', '2026-11-21T10:30:00', '2026-11-21T10:30:00+05', '2023-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-21T24:00:00Z', '2026-11-21T12:00:60Z', '2024-02-29T23:59:60+05:30']) {
    t.throws(() => readEvent({ type: 'a', time }), { code: 'INVALID_EVENT', field: 'time' }, time)
  }
})

t.test('whatever JSON comes is read or refused as INVALID_EVENT', async (t) => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (body) => {
    try {
      return readEvent(body).event.type.length > 0
    } catch (error) {
      return (error as { code: string }).code === 'INVALID_EVENT'
    }
  }))
  t.pass('it was')
})

t.test('defaults stand under the data of the event, and leave other data alone', async (t) => {
  const definition = { defaults: { a: 1, b: 2 }, fixed: {} }
  t.same(withDefaults({ id: '1', source: 's', type: 't', data: { b: 3 } }, definition).data, { a: 1, b: 3 })
  t.same(withDefaults({ id: '1', source: 's', type: 't' }, definition).data, { a: 1, b: 2 })
  for (const data of [null, 0, 'text', [1]]) t.same(withDefaults({ id: '1', source: 's', type: 't', data }, definition).data, data)
  t.same(withDefaults({ id: '1', source: 's', type: 't', data: { b: 3, server: 'other' } }, { defaults: { b: 2 }, fixed: { server: 'staging' } }).data, { b: 3, server: 'staging' }, 'what is fixed stands over it')
})

t.test('a plan is made by the lookups alone', async (t) => {
  const definition = { name: 'p', queue: 'q', check: () => [{ field: 'data/x', message: 'is required' }], nothingToDo: () => undefined, defaults: {}, fixed: { server: 'staging' } } as unknown as Definition
  const lookups = { hash: 'h', eventTypes: new Map([['t', { type: 't', processes: ['p'] }]]), processes: new Map([['p', definition]]), warnings: [] } as unknown as Lookups
  t.match(makePlan(readEvent({ type: 't', id: 'i' }), lookups), { listed: true, lookups: 'h', jobs: [{ process: 'p', queue: 'q', problems: [{ field: 'data/x' }] }] })
  t.match(makePlan(readEvent({ type: 't', id: 'i', data: { server: 'other' } }), lookups), { jobs: [{ problems: [{ field: 'data/server', message: /cannot give it/ }, { field: 'data/x' }] }] })
  t.match(makePlan(readEvent({ type: 'constructor' }), lookups), { listed: false, jobs: [] })
})

t.test('durations are read and shown', async (t) => {
  t.same(['5ms', '90s', '2m', '6h', '1d'].map(toMilliseconds), [5, 90_000, 120_000, 21_600_000, 86_400_000])
  t.same([5, 1500, 90_000, 7_260_000].map(formatDuration), ['5 ms', '1.5 s', '1 m 30 s', '2 h 1 m'])
})

t.test('secrets are masked wherever they stand', async (t) => {
  t.same(maskSecrets({ url: 'mysql://user:pw@host/db', password: 'x', nested: [{ api_key: 'y', fine: 'z' }], headers: { Authorization: 'Bearer t' } }),
    { url: 'mysql://user:***@host/db', password: '***', nested: [{ api_key: '***', fine: 'z' }], headers: { Authorization: '***' } })
})

t.test('follow-on keys differ by place and by job', async (t) => {
  t.not(followOnKey('e1.p', 0), followOnKey('e1.p', 1))
  t.not(followOnKey('e1.p', 0), followOnKey('e2.p', 0))
  t.equal(followOnKey('e1.p', 1), followOnKey('e1.p', 1))
})

const nested = (levels: number): unknown => levels === 0 ? 'x' : { a: nested(levels - 1) }
const refusal = (read: () => unknown): unknown => {
  try {
    read()
    return undefined
  } catch (error) {
    return (error as { field?: string }).field
  }
}

t.test('64 levels are taken, 65 are refused; of arrays, too', async (t) => {
  t.equal(refusal(() => readEvent({ type: 't', data: nested(63) })), undefined)
  t.match(refusal(() => readEvent({ type: 't', data: nested(64) })), /^data\/a\/a/)
  const lists = (levels: number): unknown => levels === 0 ? 1 : [lists(levels - 1)]
  t.equal(refusal(() => checkValue(lists(64))), undefined)
  t.not(refusal(() => checkValue(lists(65))), undefined)
})

t.test('256 characters of a name are taken, 257 are refused', async (t) => {
  for (const field of ['id', 'source', 'type', 'subject', 'genome']) {
    const event = { type: 't', [field]: 'x'.repeat(256) }
    t.equal(refusal(() => readEvent(event)), undefined, field)
    t.equal(refusal(() => readEvent({ ...event, [field]: 'x'.repeat(257) })), field, field)
    if (field !== 'genome') t.equal(refusal(() => readEvent({ ...event, [field]: '' })), field, `${field} that is empty`)
  }
})
