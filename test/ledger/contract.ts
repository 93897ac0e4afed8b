import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { UnitRefused, type Entered, type Entry, type QueuedJob, type Unit } from '../../src/ledger/contract.ts'
import { LEDGERS, type TestLedger } from './fixtures/ledgers.ts'

t.jobs = 1

for (const { name, missing, open } of LEDGERS) {
  t.test(`the ledger on ${name}`, { skip: missing, timeout: 240_000 }, async (t) => {
    const opened = await open()
    t.teardown(opened.close)
    await documents(t, opened)
    await counters(t, opened)
    await units(t, opened)
    await processes(t, opened)
    await refusals(t, opened)
    await removal(t, opened)
    await entries(t, opened)
    await pages(t, opened)
    await jobs(t, opened)
  })
}

const unique = (kind: string): string => `${kind}:${randomUUID()}`
const queueName = (): string => `q${randomUUID()}`
const put = (doc: string, value: object, rev = 0): Unit => ({ expect: [{ doc, rev }], put: [{ doc, value }] })
const job = (queue: string, id: string, options: QueuedJob['options'] = {}): QueuedJob => ({ queue, id, name: 'p', data: { job: id }, options })
const enter = (set: string, entered: Entered[]): Unit => ({ expect: [], entries: entered.map(([score, member]) => ({ set, member, score })) })

async function documents (t: Test, { ledger }: TestLedger): Promise<void> {
  await t.test('a put on an absent document gives revision 1, its value as JSON has it, and its first counters', async (t) => {
    const doc = unique('event')
    const value = { text: 'ü"\n\\u0000', none: undefined, list: [1.5, undefined, null], deep: { __proto__: null, empty: {} } }
    t.same(await ledger.commit({ expect: [{ doc, rev: 0 }], put: [{ doc, value, counts: { open: 2, tree_open: 7 } }] }), { ok: true, counts: [] })
    t.strictSame(await ledger.get([doc]), [{ rev: 1, value: { text: 'ü"\n\\u0000', list: [1.5, null, null], deep: { empty: {} } }, counts: { open: 2, tree_open: 7 } }])
  })

  await t.test('documents come in the order asked for, absent ones as nothing', async (t) => {
    const [a, b] = [unique('job'), unique('gate')]
    await Promise.all([ledger.commit(put(a, { a: 1 })), ledger.commit(put(b, { b: 1 }))])
    const found = await Promise.all([ledger.get([b, unique('none'), a, b]), ledger.get([a]), ledger.get([])])
    t.same(found.map((some) => some.map((one) => one?.value)), [[{ b: 1 }, undefined, { a: 1 }, { b: 1 }], [{ a: 1 }], []])
  })

  await t.test('absent is expected of a document that exists: a conflict, and nothing of the unit happens', async (t) => {
    const [doc, other, set, queue] = [unique('event'), unique('job'), unique('set'), queueName()]
    await ledger.commit(put(doc, {}))
    const unit: Unit = {
      expect: [{ doc: other, rev: 0 }, { doc, rev: 0 }],
      put: [{ doc: other, value: {} }],
      increments: [{ doc, field: 'open', by: 1 }, { doc, field: 'zero', by: 0, atZero: { entries: [{ set, member: 'z', score: 1 }] } }],
      entries: [{ set, member: 'm', score: 1 }],
      enqueue: [job(queue, 'never')]
    }
    t.same(await ledger.commit(unit), { ok: false, conflict: doc })
    t.same(await ledger.get([other, doc]), [undefined, { rev: 1, value: {}, counts: {} }])
    t.same(await ledger.list(set), [])
  })

  await t.test('an old revision is a conflict, the present one is not', async (t) => {
    const doc = unique('gate')
    await ledger.commit(put(doc, { n: 1 }))
    t.same(await ledger.commit(put(doc, { n: 2 }, 1)), { ok: true, counts: [] })
    t.same(await ledger.commit(put(doc, { n: 3 }, 1)), { ok: false, conflict: doc })
    t.same((await ledger.get([doc]))[0], { rev: 2, value: { n: 2 }, counts: {} })
  })

  await t.test('what is expected and not written is judged as well', async (t) => {
    const [doc, absent, other] = [unique('gate'), unique('gate'), unique('job')]
    await ledger.commit(put(doc, {}))
    t.same(await ledger.commit({ expect: [{ doc, rev: 1 }, { doc: absent, rev: 0 }, { doc: other, rev: 0 }], put: [{ doc: other, value: {} }] }), { ok: true, counts: [] })
    t.same(await ledger.commit({ expect: [{ doc, rev: 2 }, { doc: other, rev: 1 }], put: [{ doc: other, value: {} }] }), { ok: false, conflict: doc })
    t.same(await ledger.get([absent]), [undefined])
  })

  await t.test('of many units that want the same absent document exactly one gets it', async (t) => {
    const doc = unique('event')
    const results = await Promise.all(Array.from({ length: 30 }, (_, i) => ledger.commit(put(doc, { i }))))
    t.equal(results.filter(({ ok }) => ok).length, 1)
    t.equal((await ledger.get([doc]))[0]?.rev, 1)
  })

  await t.test('two units that each expect what the other writes do not both get through', async (t) => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [unique('a'), unique('b')]
      const results = await Promise.all([
        ledger.commit({ expect: [{ doc: a, rev: 0 }, { doc: b, rev: 0 }], put: [{ doc: a, value: {} }] }),
        ledger.commit({ expect: [{ doc: a, rev: 0 }, { doc: b, rev: 0 }], put: [{ doc: b, value: {} }] })
      ])
      t.equal(results.filter(({ ok }) => ok).length, 1)
    }
  })
}

async function counters (t: Test, { ledger }: TestLedger): Promise<void> {
  await t.test('counters commute: each unit is told its own new value, and zero is reached once', async (t) => {
    const [doc, set] = [unique('event'), unique('closed')]
    await ledger.commit({ expect: [{ doc, rev: 0 }], put: [{ doc, value: {}, counts: { open: 60 } }] })
    const results = await Promise.all(Array.from({ length: 60 }, (_, i) => ledger.commit({
      expect: [],
      increments: [{ doc, field: 'done', by: 1 }, { doc, field: 'open', by: -1, atZero: { entries: [{ set, member: `m${i}`, score: 5 }] } }]
    })))
    const counts = results.map((result) => result.ok ? result.counts : [])
    t.same(counts.map(([, open]) => open).sort((a = 0, b = 0) => a - b), Array.from({ length: 60 }, (_, i) => i))
    t.ok(counts.every(([done = 0, open = 0]) => done + open === 60), 'as if one after the other')
    t.equal((await ledger.list(set)).length, 1)
    t.same((await ledger.get([doc]))[0], { rev: 1, value: {}, counts: { open: 0, done: 60 } })
  })

  await t.test('a counter needs no value beside it, and stays when a value is put', async (t) => {
    const doc = unique('gate')
    t.same(await ledger.commit({ expect: [], increments: [{ doc, field: 'running', by: 3 }] }), { ok: true, counts: [3] })
    t.strictSame(await ledger.get([doc]), [{ rev: 0, value: undefined, counts: { running: 3 } }])
    t.same(await ledger.commit(put(doc, { a: 1 })), { ok: true, counts: [] })
    t.same(await ledger.get([doc]), [{ rev: 1, value: { a: 1 }, counts: { running: 3 } }])
    await ledger.commit({ expect: [{ doc, rev: 1 }], put: [{ doc, value: {}, counts: { open: 4 } }], increments: [{ doc, field: 'open', by: 1 }, { doc, field: 'running', by: -1 }] })
    t.same(await ledger.get([doc]), [{ rev: 2, value: {}, counts: { running: 2, open: 5 } }], 'counted after it is put')
  })

  await t.test('a unit may await that a counter is zero; one that was never counted is zero', async (t) => {
    const doc = unique('gate')
    t.same(await ledger.commit({ expect: [{ doc, zero: 'upstream' }], increments: [{ doc, field: 'upstream', by: 1 }] }), { ok: true, counts: [1] })
    t.same(await ledger.commit({ expect: [{ doc, zero: 'upstream' }] }), { ok: false, conflict: doc })
    t.same(await ledger.commit({ expect: [], increments: [{ doc, field: 'upstream', by: -1 }] }), { ok: true, counts: [0] })
    t.same(await ledger.commit({ expect: [{ doc, rev: 0 }, { doc, zero: 'upstream' }, { doc, zero: 'running' }], put: [{ doc, value: {} }] }), { ok: true, counts: [] })
  })

  await t.test('units that travel together and await the zero that another ends are judged one after the other', async (t) => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [unique('a'), unique('b')]
      const results = await Promise.all([
        ledger.commit({ expect: [{ doc: a, zero: 'n' }], increments: [{ doc: b, field: 'n', by: 1 }] }),
        ledger.commit({ expect: [{ doc: b, zero: 'n' }], increments: [{ doc: a, field: 'n', by: 1 }] })
      ])
      t.equal(results.filter(({ ok }) => ok).length, 1)
    }
  })
}

async function units (t: Test, { ledger }: TestLedger): Promise<void> {
  await t.test('units that travel together are judged one by one', async (t) => {
    const known = unique('known')
    await ledger.commit(put(known, {}))
    const results = await Promise.all(Array.from({ length: 40 }, (_, i) => ledger.commit(put(i % 4 === 0 ? known : unique('new'), { i }))))
    t.same(results.map(({ ok }) => ok), results.map((_, i) => i % 4 !== 0))
  })

  await t.test('a unit of 10,000 documents, counters, entries and jobs is one unit', async (t) => {
    const [set, queue, last] = [unique('set'), queueName(), unique('last')]
    const docs = Array.from({ length: 10_000 }, () => unique('doc'))
    const unit: Unit = {
      expect: docs.map((doc) => ({ doc, rev: 0 })),
      put: docs.map((doc) => ({ doc, value: { doc } })),
      increments: docs.map((doc) => ({ doc, field: 'open', by: 1 })),
      entries: docs.map((member, score) => ({ set, member, score })),
      enqueue: docs.map((_doc, i) => job(queue, `j${i}`))
    }
    await ledger.commit(put(last, {}))
    t.same(await ledger.commit({ ...unit, expect: [...unit.expect, { doc: last, rev: 7 }] }), { ok: false, conflict: last })
    t.same(await ledger.count([set]), [0])
    t.equal((await ledger.commit(unit)).ok, true)
    t.same(await ledger.count([set]), [10_000])
    t.same((await ledger.get(docs)).filter((found) => found?.rev !== 1 || found.counts['open'] !== 1), [])
  })

  await t.test('the clock is that of the datastore, in milliseconds', async (t) => {
    const [before, at, after] = [Date.now(), await ledger.now(), Date.now()]
    t.ok(Number.isInteger(at) && at >= before - 60_000 && at <= after + 60_000)
  })
}

async function processes (t: Test, { ledger, other }: TestLedger): Promise<void> {
  await t.test('two processes that count the same counters lose nothing, and one of them sees each zero', async (t) => {
    const [a, b, set] = [unique('a'), unique('b'), unique('zero')]
    await ledger.commit({ expect: [], increments: [{ doc: a, field: 'open', by: 200 }, { doc: b, field: 'open', by: 200 }] })
    const counted = await Promise.all(Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? ledger : other).commit({
      expect: [],
      increments: (i % 3 === 0 ? [a, b] : [b, a]).map((doc) => ({ doc, field: 'open', by: -1, atZero: { entries: [{ set, member: `${doc} ${i}`, score: 1 }] } }))
    })))
    t.equal(counted.filter(({ ok }) => ok).length, 200)
    t.same((await other.get([a, b])).map((found) => found?.counts), [{ open: 0 }, { open: 0 }])
    t.same(await ledger.count([set]), [2])
  })

  await t.test('of two processes that put the same documents each revision is won once', async (t) => {
    const docs = ['a', 'b', 'c'].map(unique)
    async function rewrite (one: TestLedger['ledger'], names: string[]): Promise<void> {
      for (;;) {
        const found = await one.get(names)
        const result = await one.commit({
          expect: names.map((doc, i) => ({ doc, rev: found[i]?.rev ?? 0 })),
          put: names.map((doc, i) => ({ doc, value: { n: ((found[i]?.value as { n: number } | undefined)?.n ?? 0) + 1 } }))
        })
        if (result.ok) return
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => rewrite(i % 2 === 0 ? ledger : other, i % 3 === 0 ? docs : [...docs].reverse())))
    t.same(await ledger.get(docs), docs.map(() => ({ rev: 20, value: { n: 20 }, counts: {} })))
  })

  await t.test('a zero that one process awaits is not passed by while the other counts', async (t) => {
    for (let round = 0; round < 10; round++) {
      const doc = unique('gate')
      const [entered] = await Promise.all([
        Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? ledger : other).commit({ expect: [{ doc, zero: 'running' }], increments: [{ doc, field: 'running', by: 1 }] }))),
        other.commit({ expect: [], increments: [{ doc, field: 'upstream', by: 1 }] })
      ])
      t.equal(entered.filter(({ ok }) => ok).length, 1)
    }
  })
}

async function refusals (t: Test, { ledger, jobsOf }: TestLedger): Promise<void> {
  const doc = unique('doc')
  const units: Record<string, Unit> = {
    'a put without an expected revision': { expect: [{ doc, zero: 'open' }], put: [{ doc, value: {} }] },
    'a document removed without an expected revision': { expect: [], remove: [doc] },
    'a document put and removed': { ...put(doc, {}), remove: [doc] },
    'a document counted and removed': { expect: [{ doc, rev: 0 }], remove: [doc], increments: [{ doc, field: 'open', by: 1 }] },
    'a document expected at two revisions': { expect: [{ doc, rev: 0 }, { doc, rev: 1 }] },
    'a counter counted twice': { expect: [], increments: [{ doc, field: 'open', by: 1 }, { doc, field: 'open', by: 1 }] },
    'a counter that is no word': { expect: [], increments: [{ doc, field: 'Open', by: 1 }] },
    'half of a count': { expect: [], increments: [{ doc, field: 'open', by: 0.5 }] },
    'a score that is no number': { expect: [], entries: [{ set: doc, member: 'm', score: NaN }] },
    'an empty name': put('', {}),
    'a name of 1,251 bytes': put('ü'.repeat(625) + 'x', {}),
    'U+0000 in a name': put('a\0b', {}),
    'U+0000 in a member': { expect: [], entries: [{ set: doc, member: '\0', score: 1 }] },
    'U+0000 in a value': put(doc, { deep: ['a\0b'] }),
    'U+0000 in the name of a field': put(doc, { 'a\0b': 1 }),
    'a lone surrogate in a value': put(doc, { text: 'a\ud800b' }),
    'a lone surrogate in a set': { expect: [], entries: [{ set: '\udc00', member: 'm', score: 1 }] }
  }
  for (const [what, unit] of Object.entries(units)) {
    await t.test(`${what} is refused, and its neighbours are not`, async (t) => {
      const neighbours = [unique('neighbour'), unique('neighbour')]
      const [before, refused, after] = await Promise.allSettled([ledger.commit(put(neighbours[0] as string, {})), ledger.commit(unit), ledger.commit(put(neighbours[1] as string, {}))])
      t.ok(refused.status === 'rejected' && refused.reason instanceof UnitRefused)
      t.same([before, after], [{ status: 'fulfilled', value: { ok: true, counts: [] } }, { status: 'fulfilled', value: { ok: true, counts: [] } }])
      t.same(await ledger.get([doc]), [undefined])
    })
  }

  await t.test('a job that its queue would refuse refuses its unit, and nothing of it is recorded', async (t) => {
    const [doc, other, queue] = [unique('event'), unique('event'), queueName()]
    const results = await Promise.allSettled([
      ledger.commit({ ...put(doc, {}), enqueue: [job(queue, 'good'), job(queue, 'a:b')] }),
      ledger.commit({ ...put(other, {}), enqueue: [job(queue, 'neighbour')] })
    ])
    t.same(results.map((result) => result.status === 'rejected' ? result.reason instanceof UnitRefused : result.value.ok), [true, true])
    t.same((await ledger.get([doc, other])).map((found) => found?.rev), [undefined, 1])
    await ledger.sweep(0)
    t.same(await jobsOf(queue), ['neighbour waiting'])
  })

  await t.test('names of 1,250 bytes are taken everywhere', async (t) => {
    const name = `${randomUUID()}${'ü'.repeat(607)}`
    t.equal((await ledger.commit({ ...put(name, {}), entries: [{ set: name, member: name, score: 1 }] })).ok, true)
    t.same(await ledger.list(name), [[1, name]])
  })
}

async function removal (t: Test, { ledger }: TestLedger): Promise<void> {
  await t.test('a document is removed with its counters, and its revision goes on', async (t) => {
    const doc = unique('gate')
    await ledger.commit({ expect: [{ doc, rev: 0 }], put: [{ doc, value: {}, counts: { open: 1 } }] })
    t.same(await ledger.commit({ expect: [{ doc, rev: 1 }], remove: [doc] }), { ok: true, counts: [] })
    const [found] = await ledger.get([doc])
    t.strictSame([found?.value, found?.counts], [undefined, {}])
    t.same(await ledger.commit({ expect: [{ doc, rev: 0 }], put: [{ doc, value: {} }] }), { ok: false, conflict: doc }, 'a look that began before it was there')
    t.same(await ledger.commit(put(doc, { a: 1 }, 1)), { ok: false, conflict: doc }, 'a look that began while it was there')
    t.same(await ledger.commit(put(doc, { a: 2 }, found?.rev)), { ok: true, counts: [] })
    t.same((await ledger.get([doc]))[0]?.value, { a: 2 })
  })

  await t.test('one that was removed is not removed by an old unit, and what was never there leaves nothing', async (t) => {
    const [doc, never] = [unique('gate'), unique('gate')]
    await ledger.commit(put(doc, {}))
    await ledger.commit({ expect: [{ doc, rev: 1 }], remove: [doc] })
    t.same(await ledger.commit({ expect: [{ doc, rev: 1 }], remove: [doc] }), { ok: false, conflict: doc })
    t.same(await ledger.commit({ expect: [{ doc: never, rev: 0 }], remove: [never] }), { ok: true, counts: [] })
    t.same(await ledger.get([never]), [undefined])
  })

  await t.test('what is counted on a removed document is kept', async (t) => {
    const doc = unique('gate')
    await ledger.commit(put(doc, {}))
    await ledger.commit({ expect: [{ doc, rev: 1 }], remove: [doc] })
    await ledger.commit({ expect: [], increments: [{ doc, field: 'upstream', by: 2 }] })
    await ledger.sweep(0)
    t.same((await ledger.get([doc]))[0]?.counts, { upstream: 2 })
  })
}

async function entries (t: Test, { ledger }: TestLedger): Promise<void> {
  await t.test('entries are in the order of score, then of code points', async (t) => {
    const set = unique('set')
    await ledger.commit(enter(set, [[2, 'c'], [1, '\u{1f600}'], [1, '\uffee'], [1, 'a'], [1, 'B'], [-3.5, 'first'], [1764183657123.25, 'late']]))
    t.same(await ledger.list(set), [[-3.5, 'first'], [1, 'B'], [1, 'a'], [1, '\uffee'], [1, '\u{1f600}'], [2, 'c'], [1764183657123.25, 'late']])
  })

  await t.test('a member stands once in a set: a new score moves it', async (t) => {
    const set = unique('due')
    await ledger.commit(enter(set, [[1, 'a'], [2, 'b']]))
    await ledger.commit(enter(set, [[3, 'a']]))
    t.same(await ledger.list(set), [[2, 'b'], [3, 'a']])
    t.same(await ledger.count([set]), [2])
  })

  await t.test('of several entries of one member the last counts, in a unit and in units that travel together', async (t) => {
    const set = unique('set')
    const [add, remove]: Entry[] = [{ set, member: 'm', score: 1 }, { set, member: 'm', remove: true }]
    await ledger.commit({ expect: [], entries: [add as Entry, remove as Entry] })
    t.same(await ledger.list(set), [])
    await ledger.commit({ expect: [], entries: [remove as Entry, add as Entry, { set, member: 'm', score: 7 }] })
    t.same(await ledger.list(set), [[7, 'm']])
    await Promise.all([1, 2, 3].map((score) => ledger.commit(enter(set, [[score, 'm']]))))
    t.equal((await ledger.list(set)).length, 1)
  })

  await t.test('entries are removed; one that is not there is nothing', async (t) => {
    const set = unique('set')
    await ledger.commit(enter(set, [[1, 'a'], [1, 'b']]))
    await ledger.commit({ expect: [], entries: ['a', 'z'].map((member) => ({ set, member, remove: true as const })) })
    t.same(await ledger.list(set), [[1, 'b']])
  })

  await t.test('sets are counted in the order asked for', async (t) => {
    const [a, b] = [unique('set'), unique('set')]
    await Promise.all([ledger.commit(enter(a, [[1, 'x'], [2, 'y']])), ledger.commit(enter(b, [[1, 'x']]))])
    t.same(await ledger.count([b, unique('none'), a, b]), [1, 0, 2, 1])
    t.same(await ledger.count([]), [])
  })
}

async function pages (t: Test, { ledger }: TestLedger): Promise<void> {
  const set = unique('paged')
  const all: Entered[] = [[1, 'a'], [1, 'b'], [2, 'a2'], [2, 'b2'], [2, 'c2'], [3, 'z']]
  await ledger.commit(enter(set, all))
  const reads: Array<[string, Parameters<typeof ledger.list>[1], Entered[]]> = [
    ['from the start', { limit: 2 }, all.slice(0, 2)],
    ['after one within equal scores', { after: [2, 'a2'], limit: 2 }, [[2, 'b2'], [2, 'c2']]],
    ['after one that is no longer there', { after: [2, 'b'] }, [[2, 'b2'], [2, 'c2'], [3, 'z']]],
    ['after one between the scores', { after: [1.5, 'x'], limit: 1 }, [[2, 'a2']]],
    ['back from the end', { reverse: true, limit: 3 }, [[3, 'z'], [2, 'c2'], [2, 'b2']]],
    ['back from one', { reverse: true, after: [2, 'b2'] }, [[2, 'a2'], [1, 'b'], [1, 'a']]],
    ['back from one that is no longer there', { reverse: true, after: [2, 'b'], limit: 1 }, [[2, 'a2']]],
    ['between two scores, both taken', { min: 1, max: 2 }, all.slice(0, 5)],
    ['from a score on, after one before it', { min: 2, after: [1, 'a'] }, all.slice(2)],
    ['up to a score, back', { max: 2, reverse: true, limit: 1 }, [[2, 'c2']]],
    ['up to a score, back from one behind it', { max: 1, reverse: true, after: [3, 'z'] }, [[1, 'b'], [1, 'a']]],
    ['where there is nothing', { min: 4 }, []],
    ['where the limits cross', { min: 3, max: 2 }, []],
    ['after the last', { after: [3, 'z'] }, []]
  ]
  for (const [what, page, found] of reads) await t.test(`a page ${what}`, async (t) => { t.same(await ledger.list(set, page), found) })

  await t.test('pages of many equal scores leave nothing out and give nothing twice', async (t) => {
    const set = unique('equal')
    const members = Array.from({ length: 250 }, (_, i) => `m${String(i).padStart(3, '0')}`)
    await ledger.commit(enter(set, members.map((member) => [5, member])))
    const read: string[] = []
    for (let after: Entered | undefined; ;) {
      const page = await ledger.list(set, { after })
      read.push(...page.map(([, member]) => member))
      after = page.at(-1)
      if (after === undefined) break
    }
    t.same(read, members)
  })
}

async function jobs (t: Test, { ledger, jobsOf, dieAfterCommit }: TestLedger): Promise<void> {
  await t.test('a job is on its queue once, however often its unit is sent', async (t) => {
    const [doc, queue, other] = [unique('event'), queueName(), queueName()]
    const enqueue = [job(queue, 'x.0'), job(queue, 'x.1', { priority: 3 }), job(queue, 'x.2', { delay: 600_000 }), job(other, 'x.3')]
    const results = await Promise.all(Array.from({ length: 10 }, () => ledger.commit({ ...put(doc, {}), enqueue })))
    t.equal(results.filter(({ ok }) => ok).length, 1)
    await ledger.commit({ expect: [], enqueue })
    await ledger.sweep(0)
    t.same(await jobsOf(queue), ['x.0 waiting', 'x.1 prioritized', 'x.2 delayed'])
    t.same(await jobsOf(other), ['x.3 waiting'])
  })

  await t.test('the unit that brings a counter to zero enqueues what waits for it', async (t) => {
    const [doc, queue] = [unique('gate'), queueName()]
    await ledger.commit({ expect: [], increments: [{ doc, field: 'upstream', by: 2 }] })
    for (const id of ['first', 'second', 'third']) {
      await ledger.commit({ expect: [], increments: [{ doc, field: 'upstream', by: -1, atZero: { enqueue: [job(queue, id)] } }] })
    }
    await ledger.sweep(0)
    t.same(await jobsOf(queue), ['second waiting'])
  })

  await t.test('a process that dies after the commit loses no job', async (t) => {
    const [doc, queue] = [unique('event'), queueName()]
    const died = await dieAfterCommit({ ...put(doc, {}), enqueue: [job(queue, 'y.0'), job(queue, 'y.1')] })
    if (died) t.equal(await ledger.sweep(0), 2)
    t.same(await jobsOf(queue), ['y.0 waiting', 'y.1 waiting'])
    t.equal(await ledger.sweep(0), 0)
  })
}
