import t from 'tap'
import { createMemoryEngine } from '../../fixtures/memory-engine.ts'

t.test('follow-on events are accepted with the outcome of their job', async (t) => {
  const { post, complete, job, counts, queued } = await createMemoryEngine({ e: ['p'], f: ['q'] }, { p: {}, q: {} })
  const key = await post('e', { subject: 's' })
  await complete(key, 'p', [{ type: 'f' }, { type: 'unlisted' }, { type: 'f', data: '\0' }])
  const events = job(key, 'p')?.events ?? []
  t.match(events, [{ type: 'f', key: /^f/ }, { type: 'unlisted', key: /^f/ }, { type: 'f', refused: /U\+0000/ }])
  t.match(counts(key), { open: 0, tree_open: 1, tree_events: 2 })
  t.same([...queued.keys()], [`${events[0]?.key}.q`])
})

t.test('a chain of 64 is taken, and the 65th is refused', async (t) => {
  const { post, complete, job, counts } = await createMemoryEngine({ e: ['p'] }, { p: {} }, { maxDepth: 64, maxFanOut: 1000 })
  let key = await post('e')
  for (let depth = 1; depth <= 64; depth++) {
    await complete(key, 'p', [{ type: 'e', subject: `${depth}` }])
    const [next] = job(key, 'p')?.events ?? []
    t.equal(next?.refused, undefined, `${depth}`)
    key = next?.key ?? ''
  }
  await complete(key, 'p', [{ type: 'e' }])
  const [refused] = job(key, 'p')?.events ?? []
  t.match(refused, { refused: 'depth 65 is more than 64' })
  t.same(counts(refused?.key ?? ''), { open: 0, failed: 0 }, 'it is recorded, and starts nothing')
})

t.test('so many follow-on events under one root and no more, over all its jobs', async (t) => {
  const { post, complete, job, counts } = await createMemoryEngine({ e: ['p', 'q'], n: [] }, { p: {}, q: {} }, { maxDepth: 8, maxFanOut: 5 })
  const key = await post('e')
  await complete(key, 'p', Array.from({ length: 4 }, () => ({ type: 'n' })))
  await complete(key, 'q', Array.from({ length: 3 }, () => ({ type: 'n' })))
  t.same(job(key, 'q')?.events?.map(({ refused }) => refused), [undefined, `5 follow-on events under ${key} are the most`, `5 follow-on events under ${key} are the most`])
  t.match(counts(key), { tree_events: 5, tree_open: 0 })
})

t.test('a run that has just begun knows how many there are, and one that took its time counts again', async (t) => {
  for (const [ms, refused] of [[500, 0], [1500, 2]] as const) {
    const { post, verbs, pass, job } = await createMemoryEngine({ e: ['p', 'q'], n: [] }, { p: {}, q: {} }, { maxDepth: 8, maxFanOut: 5 })
    const key = await post('e')
    const runs = ['p', 'q'].map((name) => ({ job: `${key}.${name}`, round: 0 }))
    const begun = await Promise.all(runs.map((run) => verbs.begin(run)))
    await pass(ms)
    for (const [i, run] of runs.entries()) {
      const events = Array.from({ length: i === 0 ? 4 : 3 }, () => ({ type: 'n' }))
      await verbs.settle(run, { state: 'complete', output: null, events }, {}, begun[i])
    }
    t.equal(job(key, 'q')?.events?.filter((event) => event.refused !== undefined).length, refused, `${ms} ms after it began`)
  }
})

t.test('a loop, and what a process does not declare, is recorded and starts nothing', async (t) => {
  const { post, complete, job, queued } = await createMemoryEngine({ e: ['p'], f: ['p'] }, { p: { emits: ['e'] } })
  const key = await post('e', { subject: 's' })
  await complete(key, 'p', [{ type: 'e', subject: 's' }, { type: 'f' }])
  t.match(job(key, 'p')?.events, [{ refused: 'an event e of s stands above it: a loop' }, { refused: 'its process does not declare f in emits' }])
  t.equal(queued.size, 0)
})

t.test('each round of a job has follow-on events of its own', async (t) => {
  const { post, fail, complete, verbs, job, queued } = await createMemoryEngine({ e: ['p'], n: [] }, { p: {} })
  const [one, other] = [await post('e'), await post('e')]
  await fail(one, 'p')
  await verbs.retry(`${one}.p`)
  t.same([...queued.keys()], [`${other}.p`, `${one}.p~1`])
  await complete(one, 'p', [{ type: 'n' }])
  await complete(other, 'p', [{ type: 'n' }])
  t.not(job(one, 'p')?.events?.[0]?.key, undefined)
  t.not(job(one, 'p')?.events?.[0]?.key, job(other, 'p')?.events?.[0]?.key)
})
