import t from 'tap'
import { createMemoryEngine, toLookups } from '../../fixtures/memory-engine.ts'

const s = { subject: 's' }

t.test('coalesce: one runs, one waits and stands for all that come meanwhile, with the latest event', async (t) => {
  const { post, complete, state, job, verbs, waitsFor, pass, ledger } = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: {} } })
  const keys = [await post('e', s), await post('e', s), await post('e', s), await post('e', { subject: 'other' })]
  t.same(keys.map((key) => state(key, 'p')), ['queued', 'waiting', 'absorbed', 'queued'])
  t.equal(await waitsFor(keys[1] ?? '', 'p'), `job ${keys[0]}.p of the same key to end`)
  await complete(keys[0] ?? '', 'p')
  t.match(job(keys[1] ?? '', 'p'), { state: 'queued', latest: keys[2], absorbed: 1 })
  t.match(await verbs.begin({ job: `${keys[1]}.p`, round: 0 }), { with: { id: '2' }, absorbed: 1 })
  await complete(keys[1] ?? '', 'p')
  await complete(keys[3] ?? '', 'p')
  await pass()
  t.same([...ledger.documents()].filter(([name, { value }]) => name.startsWith('gate:') && value !== undefined), [], 'nothing is kept of a gate where nobody waits')
})

t.test('quiet and max_delay', async (t) => {
  const { post, pass, state, waitsFor } = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: { quiet: '10s', max_delay: '25s' } } })
  const first = await post('e', s)
  t.match(await waitsFor(first, 'p'), /^quiet until \d{4}-.*Z$/)
  await pass(9000)
  await post('e', s)
  await pass(9000)
  await post('e', s)
  t.equal(state(first, 'p'), 'waiting')
  await pass(6998)
  t.equal(state(first, 'p'), 'queued', '25 seconds after the first')
})

t.test('throttle, and what is remembered for it is forgotten', async (t) => {
  const { post, pass, complete, state, waitsFor, ledger } = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: { throttle: '10s' } } })
  const [first, second] = [await post('e', s), await post('e', s)]
  await complete(first, 'p')
  t.match(await waitsFor(second, 'p'), /^its turn at .*: it ran less than its throttle ago$/)
  await pass(10_000)
  await complete(second, 'p')
  t.equal(state(second, 'p'), 'complete')
  await pass(80_000)
  t.equal(ledger.peek('gate:p:"s"')?.value, undefined)
})

t.test('the leading edge runs at once, and those within the quiet time after it run nothing', async (t) => {
  const { post, pass, complete, state, job } = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: { quiet: '10s', edge: 'leading' } } })
  const first = await post('e', s)
  await complete(first, 'p')
  const second = await post('e', s)
  t.match(job(second, 'p'), { state: 'absorbed', by: `${first}.p` })
  await pass(10_000)
  t.equal(state(await post('e', s), 'p'), 'queued')
})

t.test('a deferred process waits for what may cause another trigger, and runs once', async (t) => {
  const { post, complete, state, waitsFor, counts } = await createMemoryEngine({ genes: ['load', 'dump'], done: ['dump'], refs: ['dump'] }, { load: { emits: ['done'] }, dump: { defer: { until: 'upstream_complete' } } })
  const genes = await post('genes', s)
  const refs = await post('refs', s)
  t.equal(await waitsFor(genes, 'dump'), `job ${genes}.load of load, which is queued and may cause another trigger`)
  t.same([state(genes, 'dump'), state(refs, 'dump')], ['waiting', 'absorbed'])
  await complete(genes, 'load', [{ type: 'done' }])
  t.equal(state(genes, 'dump'), 'queued')
  t.match(counts(genes), { open: 1, tree_open: 1, tree_absorbed: 1 })
  await complete(genes, 'dump')
  t.match(counts(genes), { open: 0, tree_open: 0 })
})

t.test('deferral ends in time: it runs or fails, as the rules say', async (t) => {
  for (const [onTimeout, ends] of [['run', 'queued'], ['fail', 'failed']] as const) {
    const { post, pass, state, job } = await createMemoryEngine({ e: ['load', 'dump'], done: ['dump'] }, { load: { emits: ['done'] }, dump: { defer: { until: 'upstream_complete', within: '5s', on_timeout: onTimeout } } })
    const key = await post('e', s)
    await pass(4000)
    t.equal(state(key, 'dump'), 'waiting')
    await pass(1000)
    t.equal(state(key, 'dump'), ends)
    if (ends === 'failed') t.match(job(key, 'dump')?.reason, /^waited 5\.0 s for job .*\.load of load, which is queued/)
  }
})

t.test('a join fires when each leg has come, with the last of each; legs are types, or entries by name', async (t) => {
  const joined = { wait_for: { all: ['votes', 'pull_a'] } }
  const { post, state, job, waitsFor, verbs } = await createMemoryEngine({ votes: ['report'], pull_a: { match: { exact: { type: 'pull', repo: 'a' } }, processes: ['report'] }, pull_b: { match: { exact: { type: 'pull', repo: 'b' } }, processes: ['report'] } }, { report: joined })
  const first = await post('pull', { ...s, repo: 'b' })
  t.equal(await waitsFor(first, 'report'), 'an event of votes and of pull_a')
  const votes = [await post('votes', s), await post('votes', s)]
  t.equal(await waitsFor(first, 'report'), 'an event of pull_a')
  const pull = await post('pull', { ...s, repo: 'a' })
  t.equal(state(first, 'report'), 'queued')
  t.match(job(first, 'report'), { absorbed: 3, last: { votes: votes[1], pull_a: pull } })
  t.match(await verbs.begin({ job: `${first}.report`, round: 0 }), { joined: { votes: { id: '2' }, pull_a: { repo: 'a' } } })
  t.equal(state(await post('votes', s), 'report'), 'waiting', 'what was used is not used again')
})

t.test('a join that one type floods fires all the same', async (t) => {
  const { post, state, job } = await createMemoryEngine({ a: ['j'], b: ['j'] }, { j: { wait_for: { all: ['a', 'b'] } } })
  const first = await post('a', s)
  for (let i = 0; i < 600; i++) await post('a', s)
  await post('b', s)
  t.equal(state(first, 'j'), 'queued')
  t.match(job(first, 'j'), { absorbed: 601 })
})

t.test('a join that failed for want of a leg and is retried waits for it again', async (t) => {
  const { post, pass, state, verbs, waitsFor, job } = await createMemoryEngine({ a: ['j'], b: ['j'] }, { j: { wait_for: { all: ['a', 'b'], within: '3s' } } })
  const first = await post('a', s)
  await pass(3000)
  t.match(job(first, 'j'), { state: 'failed', reason: 'waited 3.0 s for an event of b' })
  await verbs.retry(`${first}.j`)
  await pass()
  t.equal(await waitsFor(first, 'j'), 'an event of b')
  const b = await post('b', s)
  t.equal(state(first, 'j'), 'queued')
  t.match(job(first, 'j'), { last: { a: first, b } })
})

t.test('what a trigger expects is waited for, and one that expects nothing runs at once', async (t) => {
  const { post, state, job, waitsFor, complete, verbs } = await createMemoryEngine({ genes: ['dump'], refs: ['dump'], due: ['dump'] }, { dump: { wait_for: { genes: ['refs'] } } })
  const refs = await post('refs', s)
  t.equal(state(refs, 'dump'), 'queued')
  await complete(refs, 'dump')
  const genes = await post('genes', s)
  t.equal(await waitsFor(genes, 'dump'), 'an event of refs', 'those that came before it are not those that it waits for')
  const due = await post('due', s)
  t.equal(await waitsFor(genes, 'dump'), 'an event of refs')
  const later = await post('refs', s)
  t.match(job(genes, 'dump'), { state: 'queued', absorbed: 2, last: { genes, refs: later } })
  t.same([state(due, 'dump'), state(later, 'dump')], ['absorbed', 'absorbed'])
  t.match(await verbs.begin({ job: `${genes}.dump`, round: 0 }), { joined: { genes: { type: 'genes' }, refs: { type: 'refs' } } })
})

t.test('a younger trigger expects a younger event, and what is expected may expect something itself', async (t) => {
  const { post, pass, state, waitsFor, complete } = await createMemoryEngine({ genes: ['dump'], refs: ['dump'], names: ['dump'] }, { dump: { wait_for: { genes: ['refs'], refs: ['names'] } } })
  const first = await post('genes', s)
  await post('refs', s)
  t.equal(await waitsFor(first, 'dump'), 'an event of names')
  await post('genes', s)
  await post('names', s)
  t.equal(await waitsFor(first, 'dump'), 'an event of refs')
  await post('refs', s)
  t.equal(await waitsFor(first, 'dump'), 'an event of names')
  await post('names', s)
  t.equal(state(first, 'dump'), 'queued')
  await complete(first, 'dump')
  await pass()
})

t.test('what a trigger expects may be too late: it fails or runs, and a retry waits again', async (t) => {
  const { post, pass, state, job, waitsFor, verbs } = await createMemoryEngine({ genes: ['dump'], refs: ['dump'] }, { dump: { wait_for: { genes: ['refs'], within: '3s' } } })
  const first = await post('genes', s)
  await pass(3000)
  t.match(job(first, 'dump'), { state: 'failed', reason: 'waited 3.0 s for an event of refs' })
  await verbs.retry(`${first}.dump`)
  await pass()
  t.equal(await waitsFor(first, 'dump'), 'an event of refs')
  await post('refs', s)
  t.equal(state(first, 'dump'), 'queued')
  const patient = await createMemoryEngine({ genes: ['dump'], refs: ['dump'] }, { dump: { wait_for: { genes: ['refs'], within: '3s', on_timeout: 'run' } } })
  const other = await patient.post('genes', s)
  await patient.pass(3000)
  t.equal(patient.state(other, 'dump'), 'queued')
})

const upstream = (onFailure: 'run' | 'fail' | 'hold', more = {}) => createMemoryEngine(
  { genes: ['load', 'dump'], done: ['dump'], refs: ['dump'] },
  { load: { emits: ['done'] }, dump: { defer: { until: 'upstream_complete', on_upstream_failure: onFailure, ...more } } }
)

t.test('upstream has failed for good: it runs or fails, as the rules say', async (t) => {
  const runs = await upstream('run')
  const first = await runs.post('genes', s)
  await runs.fail(first, 'load')
  t.equal(runs.state(first, 'dump'), 'queued')
  const fails = await upstream('fail')
  const key = await fails.post('genes', s)
  await fails.fail(key, 'load')
  t.match(fails.job(key, 'dump'), { state: 'failed', reason: 'load failed for the same key' })
  await fails.pass(1)
  t.equal(fails.state(await fails.post('refs', s), 'dump'), 'queued', 'what failed before it came is not its business')
})

t.test('upstream has failed for good: it is held until that has completed', async (t) => {
  const { post, fail, complete, pass, state, job, waitsFor, verbs, ledger } = await upstream('hold')
  const key = await post('genes', s)
  await fail(key, 'load')
  t.equal(await waitsFor(key, 'dump'), 'load to complete, which failed for the same key')
  t.equal(state(await post('refs', s), 'dump'), 'absorbed')
  await verbs.retry(`${key}.load`)
  await pass()
  t.match(await waitsFor(key, 'dump'), /^job .*\.load of load, which is queued/)
  await complete(key, 'load')
  t.match(job(key, 'dump'), { state: 'queued', absorbed: 1 })
  await complete(key, 'dump')
  const second = await post('genes', s)
  await fail(second, 'load')
  await complete(await post('genes', s), 'load')
  t.equal(state(second, 'dump'), 'queued', 'a younger job of the same process has completed')
  t.same([...ledger.sets()].filter(([set]) => set.startsWith('failed_upstream:')), [])
})

t.test('what is held ends in time, and whoever is retried does not wait for what failed before', async (t) => {
  const { post, fail, pass, state, job, verbs } = await upstream('hold', { within: '5s', on_timeout: 'fail' })
  const key = await post('genes', s)
  await fail(key, 'load')
  await pass(5000)
  t.match(job(key, 'dump'), { state: 'failed', reason: 'waited 5.0 s for load to complete, which failed for the same key' })
  await verbs.retry(`${key}.dump`)
  await pass()
  t.equal(state(key, 'dump'), 'queued')
})

t.test('limits per key and in all: first come, first through', async (t) => {
  const { post, complete, queued, waitsFor } = await createMemoryEngine({ e: ['p'] }, { p: { limit: { per_key: 1, concurrency: 2 } } })
  const keys = [await post('e', s), await post('e', s), await post('e', { subject: 'b' }), await post('e', { subject: 'c' })]
  t.same([...queued.keys()], [`${keys[0]}.p`, `${keys[2]}.p`])
  t.equal(await waitsFor(keys[1] ?? '', 'p'), 'room: 1 of its key run, 0 are before it')
  t.equal(await waitsFor(keys[3] ?? '', 'p'), 'room: 2 jobs of p run, 0 are before it')
  await complete(keys[0] ?? '', 'p')
  t.same([...queued.keys()], [`${keys[2]}.p`, `${keys[1]}.p`], 'who was accepted first, although his key had no room till now')
})

t.test('collisions', async (t) => {
  const refused = await createMemoryEngine({ e: ['p'] }, { p: { limit: { per_key: 1, on_collision: 'cancel_new' } } })
  const first = await refused.post('e', s)
  const second = await refused.post('e', s)
  t.match(refused.job(second, 'p'), { state: 'cancelled', reason: `cancelled: job ${first}.p runs already` })
  const stopped = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: {}, limit: { per_key: 1, on_collision: 'cancel_running' } } })
  const old = await stopped.post('e', s)
  await stopped.post('e', s)
  t.match(stopped.job(old, 'p'), { state: 'queued', stop: true })
})

t.test('what waits longer than it may is cancelled', async (t) => {
  const { post, pass, job } = await createMemoryEngine({ e: ['p'] }, { p: { limit: { per_key: 1 }, expires: '5s' } })
  await post('e', s)
  const second = await post('e', s)
  await pass(5000)
  t.match(job(second, 'p'), { state: 'cancelled', reason: 'cancelled: it waited longer than 5.0 s' })
})

t.test('rules, key and queue may change while a job waits, and the process may go: nothing is lost', async (t) => {
  const before = { p: { coalesce: { by: 'subject', quiet: '10m' } } }
  for (const [what, after] of Object.entries({
    key: { coalesce: { by: '/data/k', quiet: '1s' } },
    limit: { limit: { per_key: 1, by: 'subject' } },
    all: { limit: { concurrency: 1 } },
    nothing: {},
    queue: { queue: 'new', coalesce: { by: 'subject' } }
  })) {
    const { post, pass, reload, job } = await createMemoryEngine({ e: ['p'] }, before as never)
    const keys = [await post('e', s), await post('e', s), await post('e', s)]
    await reload(await toLookups({ e: ['p'] }, { p: after as never }))
    await pass(1000)
    t.match(job(keys[0] ?? '', 'p'), { state: 'queued', latest: keys[2], absorbed: 2 }, what)
  }
  const { post, pass, reload, job, verbs } = await createMemoryEngine({ e: ['p'] }, before as never)
  const keys = [await post('e', s), await post('e', s)]
  await reload(await toLookups({}, {}))
  t.match(job(keys[0] ?? '', 'p'), { state: 'failed', reason: 'process p is no longer in process_lookup.json' })
  await reload(await toLookups({ e: ['p'] }, { p: { coalesce: {} } }))
  await verbs.retry(`${keys[0]}.p`)
  await pass()
  t.match(job(keys[0] ?? '', 'p'), { state: 'queued', latest: keys[1], absorbed: 1, round: 1 })
})
