import t from 'tap'
import { createJobs } from '../../../src/engine/jobs/jobs.ts'
import type { Ledger } from '../../../src/ledger/contract.ts'
import type { JobStatus } from '../../../src/schemas/jobs.ts'
import { createMemoryEngine, toLookups, type MemoryEngine } from '../../fixtures/memory-engine.ts'

const EVENTS = { e: ['p'], bad: ['p'] }
const PROCESSES = { p: {} }

/** `between`: called before each list of the ledger is read, with its name. */
async function open (between: (set: string) => Promise<void> = async () => {}) {
  const engine = await createMemoryEngine(EVENTS, PROCESSES)
  const lookups = await toLookups(EVENTS, PROCESSES)
  const list: Ledger['list'] = async (set, page) => {
    await between(set)
    return await engine.ledger.list(set, page)
  }
  const work = { get: async (keys: unknown[]) => keys.map(() => undefined), counts: async () => [] }
  const jobs = createJobs({ ledger: { ...engine.ledger, list }, work, lookups: () => lookups, now: engine.now, verbs: engine.verbs })
  const ids = async (status?: JobStatus) => (await jobs.list('p', { status, limit: 100 })).items.map(({ id }) => id)
  return { engine, jobs, ids }
}

async function postMany (engine: MemoryEngine, count: number): Promise<string[]> {
  const keys: string[] = []
  for (let i = 0; i < count; i++) keys.push(await engine.post('e'))
  return keys
}

const newestFirst = (keys: string[]): string[] => keys.map((key) => `${key}.p`).reverse()

t.test('a job stands among the open ones until it ends, and among those that have ended from then on', async (t) => {
  const { engine, ids } = await open()
  const { ledger, verbs, complete, fail, pass } = engine
  const [done, bad, waits] = await postMany(engine, 3) as [string, string, string]
  const stands = async (set: string) => (await ledger.list(set)).map(([, member]) => member)
  await complete(done, 'p')
  await fail(bad, 'p')
  t.same([await stands('open:p'), await stands('ended:p')], [[`${waits}.p`], [`${done}.p`, `${bad}.p`]])
  t.same((await ledger.list('ended:p')).map(([at]) => at), [1_700_000_000_000, 1_700_000_000_001], 'by when its event was accepted')
  await verbs.retry(`${bad}.p`)
  t.same(await stands('open:p'), [`${bad}.p`, `${waits}.p`])
  t.same([await ids('submitted'), await ids('failed'), await ids('complete')], [[`${waits}.p`, `${bad}.p`], [], [`${done}.p`]])
  await complete(bad, 'p')
  t.same(await ids('complete'), [`${bad}.p`, `${done}.p`])
  t.equal(await verbs.remove(`${bad}.p`), true)
  t.same([await stands('open:p'), await stands('ended:p')], [[`${waits}.p`], [`${done}.p`]])
  await pass(1000)
  await verbs.prune(500)
  t.same(await stands('ended:p'), [])
})

t.test('one that is refused has ended at once', async (t) => {
  const { engine, ids } = await open()
  const plan = { jobs: [{ process: 'p', jobId: 'k.p', queue: 'p', gated: false, reason: '', problems: [{ field: 'data', message: 'is missing' }], legs: [] }], entries: ['e'], keep: false }
  await engine.verbs.accept({ key: 'k', event: { id: '1', source: '/s', type: 'e' }, plan, root: 'k', depth: 0, above: [] })
  t.same([...engine.ledger.sets()].filter(([set]) => /^(open|ended):/.test(set)).map(([set]) => set), ['ended:p'])
  t.same([await ids(), await ids('failed'), await ids('submitted')], [['k.p'], ['k.p'], []])
})

t.test('what only ended jobs are is not looked for among the open ones, nor the other way round', async (t) => {
  const read = new Set<string>()
  const { ids } = await open(async (set) => { read.add(set) })
  const listsFor = async (status?: JobStatus): Promise<string[]> => {
    read.clear()
    await ids(status)
    return [...read]
  }
  for (const status of ['complete', 'cancelled', 'absorbed'] as const) t.same(await listsFor(status), ['ended:p'], status)
  for (const status of ['submitted', 'running', 'deferred'] as const) t.same(await listsFor(status), ['open:p'], status)
  t.same(await listsFor('failed'), ['failed:p'])
  t.same(await listsFor(), ['open:p', 'ended:p'])
})

t.test('over pages of any size each job comes once and in order, whatever ends or runs again between the reads', async (t) => {
  for (let limit = 1; limit <= 9; limit++) {
    let moves: Array<() => Promise<unknown>> = []
    const { engine, jobs } = await open(async () => { await moves.shift()?.() })
    const keys = await postMany(engine, 8)
    for (const key of keys.slice(2, 5)) await engine.fail(key, 'p')
    // What ends was open at the first read, what is retried had ended: each moves just before the other list is read.
    moves = keys.flatMap((key) => [
      async () => await engine.verbs.retry(`${key}.p`),
      async () => { if (engine.queued.size > 0) await settleFirst(engine) }
    ]).reverse()
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await jobs.list('p', { limit, cursor })
      found.push(...page.items.map(({ id }) => id))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    t.same(found, newestFirst(keys), `${limit} a page`)
  }
})

t.test('one that runs again, and ends again, between the reads of both lists is there', async (t) => {
  let before = async (_set: string): Promise<void> => {}
  const { engine, ids } = await open(async (set) => { await before(set) })
  const [key = ''] = await postMany(engine, 1)
  await engine.fail(key, 'p')
  before = async (set) => {
    if (set !== 'ended:p') return
    await engine.verbs.retry(`${key}.p`)
  }
  t.same(await ids(), [`${key}.p`], 'it was opened after the open ones were read')
  before = async (set) => { if (set === 'ended:p') await engine.complete(key, 'p') }
  t.same(await ids(), [`${key}.p`], 'it ended after the open ones were read')
})

async function settleFirst (engine: MemoryEngine): Promise<void> {
  const [id = ''] = engine.queued.keys()
  await engine.fail(id.slice(0, id.indexOf('.')), 'p')
}
