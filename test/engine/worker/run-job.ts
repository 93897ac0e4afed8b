import { pino } from 'pino'
import t from 'tap'
import { createHistory } from '../../../src/engine/history/history.ts'
import { createJobs } from '../../../src/engine/jobs/jobs.ts'
import { readLog } from '../../../src/engine/jobs/logs.ts'
import { noTracer } from '../../../src/base/trace.ts'
import type { Definition } from '../../../src/engine/lookups/lookups.ts'
import { createJobRunner, type JobRunner } from '../../../src/engine/worker/run-job.ts'
import { sayFree } from '../../../src/engine/worker/take-over.ts'
import { Postponed, type WorkerJob } from '../../../src/queues/work.ts'
import type { JobContext } from '../../../src/runners/runner.ts'
import type { ProcessOutcome } from '../../../src/sdk/process.ts'
import { createMemoryEngine, toLookups } from '../../fixtures/memory-engine.ts'

const postponed = { name: 'DelayedError' }

/** A job as BullMQ hands it out. */
function toQueued (id: string, more: Partial<WorkerJob> = {}): WorkerJob {
  return {
    queue: 'p',
    id,
    name: 'p',
    data: {},
    state: 'active',
    progress: undefined,
    returnValue: undefined,
    failedReason: undefined,
    attemptsMade: 0,
    attemptsStarted: 1,
    maxAttempts: 1,
    createdAt: 0,
    readyAt: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    worker: undefined,
    signal: new AbortController().signal,
    attempt: 1,
    stalled: 0,
    tick: undefined,
    updateProgress: async () => {},
    postpone: async (ms) => new Postponed(`${ms}`),
    ...more
  }
}

type Others = Parameters<typeof createJobRunner>[0]['others']
const alone: Others = { instance: 'box@1#1', workers: async () => undefined, ask: async () => {} }

async function createWorker (run: (context: JobContext) => Promise<ProcessOutcome>, entry: object = {}, later = entry, others = alone) {
  const events = { e: ['p'] }
  const engine = await createMemoryEngine(events, { p: entry as never })
  const lookups = await toLookups(events, { p: later as never })
  const paused = new Set<string>()
  const runner: JobRunner = createJobRunner({
    verbs: engine.verbs,
    ledger: engine.ledger,
    now: engine.now,
    lookups: () => lookups,
    runnerOf: (_: Definition) => ({ run, close: async () => {} }),
    pauses: paused,
    inputs: {} as never,
    block: async () => { throw new Error('there is none') },
    kinds: new Map() as never,
    metrics: { began: () => {}, ended: () => {} },
    tracer: noTracer,
    log: pino({ level: 'silent' }),
    defaultConcurrency: 2,
    name: 'box@1',
    others
  })
  return { ...engine, runner, paused }
}

t.test('a job is run once and settled with its log, its progress and its attempt; what comes again is dropped', async (t) => {
  let runs = 0
  const { runner, post, job, ledger } = await createWorker(async ({ log, progress, jobId }) => {
    runs++
    log('under way')
    progress({ complete: 1, total: 1 })
    return { output: { jobId }, events: [{ type: 'e' }] }
  })
  const key = await post('e')
  await runner.run(toQueued(`${key}.p`))
  t.match(job(key, 'p'), { state: 'complete', output: { jobId: `${key}.p` }, events: { length: 1 }, progress: { complete: 1 }, attempts: [{ attempt: 1, worker: 'box@1', reason: undefined }] })
  t.match(await readLog(ledger, `${key}.p`, 0, 10), { lines: [/under way$/], total: 1 })
  await runner.run(toQueued(`${key}.p`))
  t.equal(runs, 1)
})

t.test('an attempt that fails is kept and thrown, the last one settles; what is final is not tried again', async (t) => {
  const thrown: Error[] = [new Error('not yet'), new Error('never')]
  const { runner, post, job } = await createWorker(async () => { throw thrown.shift() ?? Object.assign(new Error('no more')) })
  const key = await post('e')
  await t.rejects(runner.run(toQueued(`${key}.p`, { maxAttempts: 2 })), { message: 'not yet' })
  t.match(job(key, 'p'), { state: 'queued', attempts: [{ attempt: 1, reason: 'not yet' }] })
  await runner.run(toQueued(`${key}.p`, { maxAttempts: 2, attempt: 2 }))
  t.match(job(key, 'p'), { state: 'failed', reason: 'never', attempts: [{ attempt: 1 }, { attempt: 2, reason: 'never' }] })
})

t.test('a job that was asked to stop is not begun; one that runs stops, by a message or by its document', async (t) => {
  const stopped = async ({ signal }: JobContext): Promise<ProcessOutcome> => await new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(new Error('stopped')) }) })
  for (const how of ['message', 'document'] as const) {
    const { runner, post, ledger, state } = await createWorker(stopped)
    const key = await post('e')
    const running = runner.run(toQueued(`${key}.p`))
    await new Promise(setImmediate)
    if (how === 'message') t.equal(runner.stop(`${key}.p`, 'cancelled'), true)
    else {
      const value = { v: 1, state: 'queued', round: 0, at: 0, attempts: [], absorbed: 0, stop: true }
      await ledger.commit({ expect: [{ doc: `job:${key}.p`, rev: 0 }], put: [{ doc: `job:${key}.p`, value }] })
      await runner.findCancelled()
    }
    await running
    t.equal(state(key, 'p'), 'cancelled', how)
    t.equal(runner.stop(`${key}.p`, 'cancelled'), false, 'it does not run here any more')
  }
})

t.test('work whose job has ended otherwise is told to stop, and its result is dropped', async (t) => {
  const { runner, post, verbs, job } = await createWorker(async ({ signal }) => await new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(new Error('stopped')) }) }))
  const key = await post('e')
  const running = runner.run(toQueued(`${key}.p`))
  await new Promise(setImmediate)
  t.equal(await verbs.cancel(`${key}.p`), 'cancelled', 'its queue does not know it')
  await runner.findCancelled()
  await t.rejects(running)
  t.match(job(key, 'p'), { state: 'cancelled', round: 0 })
})

t.test('what is paused, over its limit, or comes to a worker that shuts down is put back and does not begin', async (t) => {
  let free = (): void => {}
  const { runner, post, paused, job } = await createWorker(async () => await new Promise((resolve) => { free = () => { resolve({}) } }))
  const keys = [await post('e'), await post('e'), await post('e')]
  paused.add('p')
  await t.rejects(runner.run(toQueued(`${keys[0]}.p`)), postponed)
  paused.clear()
  const first = runner.run(toQueued(`${keys[0]}.p`))
  await new Promise(setImmediate)
  const freeFirst = free
  const second = runner.run(toQueued(`${keys[1]}.p`))
  await t.rejects(runner.run(toQueued(`${keys[2]}.p`)), postponed, 'two at once')
  freeFirst()
  await first
  free()
  await second
  runner.handBack()
  await t.rejects(runner.run(toQueued(`${keys[2]}.p`)), postponed)
  t.equal(job(keys[2] ?? '', 'p'), undefined)
})

t.test('a job that has taken three workers with it is given up; one that a slow worker lost, or that was not begun when they died, is not', async (t) => {
  const { runner, post, job, ledger } = await createWorker(async () => ({}))
  const [dead, slow, idle] = [await post('e'), await post('e'), await post('e')]
  for (const [key, losses] of [[dead, 2], [slow, 2], [idle, 1]] as const) {
    const value = { v: 1, state: 'queued', round: 0, at: 0, attempts: [], absorbed: 0, taken: 2, losses }
    await ledger.commit({ expect: [{ doc: `job:${key}.p`, rev: 0 }], put: [{ doc: `job:${key}.p`, value }] })
  }
  await runner.run(toQueued(`${dead}.p`, { stalled: 3 }))
  t.match(job(dead, 'p'), { state: 'failed', reason: '3 workers died while they ran it' })
  await ledger.commit({ expect: [], increments: [{ doc: `job:${slow}.p`, field: 'slow', by: 1 }] })
  for (const key of [slow, idle]) {
    await runner.run(toQueued(`${key}.p`, { stalled: 3 }))
    t.match(job(key, 'p'), { state: 'complete' })
  }
})

t.test('a job that another death would end runs beside none that was there when a worker died', async (t) => {
  const ends: Array<(outcome: ProcessOutcome) => void> = []
  let begun = (_what: string): void => {}
  const { runner, post } = await createWorker(async () => await new Promise((resolve) => {
    ends.push(resolve)
    begun('begun')
  }), { concurrency: 9 })
  const runs: Array<Promise<void>> = []
  const begin = async (stalled: number): Promise<string> => {
    const running = runner.run(toQueued(`${await post('e')}.p`, { stalled }))
    return await new Promise((resolve) => {
      begun = resolve
      runs.push(running.catch(() => { resolve('put back') }))
    })
  }
  const endAll = async (): Promise<void> => {
    for (const end of ends.splice(0)) end({})
    await Promise.all(runs)
  }
  t.same([await begin(1), await begin(1)], ['begun', 'begun'], 'after one death they run together')
  t.equal(await begin(2), 'put back')
  t.equal(await begin(0), 'begun', 'it was never there at one')
  await endAll()
  t.equal(await begin(2), 'begun')
  t.same([await begin(2), await begin(1), await begin(0)], ['put back', 'put back', 'begun'])
  await endAll()
})

t.test('what lies too long is cancelled, and what its process does not take any more fails, without a run', async (t) => {
  const run = async (): Promise<ProcessOutcome> => { throw new Error('it ran') }
  const slow = await createWorker(run, { expires: '1s' })
  const old = await slow.post('e')
  await slow.pass(1000)
  await slow.runner.run(toQueued(`${old}.p`))
  t.match(slow.job(old, 'p'), { state: 'cancelled', reason: /^cancelled: it waited longer than 1.0 s/ })
  const strict = await createWorker(run, {}, { params: { schema: { type: 'object', required: ['assembly'] } } })
  const strange = await strict.post('e')
  await strict.runner.run(toQueued(`${strange}.p`))
  t.match(strict.job(strange, 'p'), { state: 'failed', reason: /assembly is required/ })
})

t.test('a job is begun again only when the worker that had it is dead or has let go of it; what that one reports then is not taken', async (t) => {
  const ends: Array<(outcome: ProcessOutcome) => void> = []
  const run = async (): Promise<ProcessOutcome> => await new Promise((resolve) => { ends.push(resolve) })
  let connected: string[] = ['late', 'other', 'third']
  let asked = 0
  const others: Others = { instance: 'other', workers: async () => connected, ask: async () => { asked++ } }
  const { runner, post, pass, job, ledger, verbs, now } = await createWorker(run, {}, {}, others)
  const key = await post('e')
  const late = await verbs.begin({ job: `${key}.p`, round: 0 })
  const again = toQueued(`${key}.p`, { stalled: 1 })
  await t.rejects(runner.run(again), postponed, 'the others are asked')
  await sayFree({ ledger, now, instance: 'third' }, { job: `${key}.p`, round: 0 })
  await pass(3000)
  await t.rejects(runner.run(again), postponed, 'one is connected, and does not say that it has let go')
  t.same([asked, ends.length, job(key, 'p')?.asked?.times], [2, 0, 1])
  connected = ['other', 'third']
  const running = runner.run(again)
  await new Promise(setImmediate)
  await t.rejects(runner.run(again), postponed, 'it runs here')
  await runner.answer({ job: `${key}.p`, round: 0 })
  t.same(await ledger.list(`free:${key}.p`), [], 'whoever works on it says nothing')
  t.same(await verbs.settle({ job: `${key}.p`, round: 0, taken: late?.taken }, { state: 'complete', output: 'late', events: [] }), { dropped: true })
  ends[0]?.({ output: 'right' })
  await running
  t.match(job(key, 'p'), { state: 'complete', output: 'right', taken: 1 })
})

t.test('a worker that has lost a job for a while works on, and is not counted as dead', async (t) => {
  let end = (_outcome: ProcessOutcome): void => {}
  const { runner, post, job, ledger } = await createWorker(async ({ signal }) => await new Promise((resolve, reject) => {
    end = resolve
    signal.addEventListener('abort', () => { reject(new Error('stopped')) })
  }))
  const key = await post('e')
  const lock = new AbortController()
  const running = runner.run(toQueued(`${key}.p`, { signal: lock.signal }))
  await new Promise(setImmediate)
  lock.abort()
  await t.rejects(runner.run(toQueued(`${key}.p`, { stalled: 1 })), postponed, 'it runs here')
  end({ output: 1 })
  await running
  t.match(job(key, 'p'), { state: 'complete', output: 1 })
  t.equal(ledger.peek(`job:${key}.p`)?.counts['slow'], 1)
})

t.test('a job that tells of no step asks for none; one that does is shown with them, in its tree too', async (t) => {
  const engine = await createWorker(async ({ steps, attempt, params }) => {
    if (params['quiet'] === true) return {}
    await steps.step({ place: steps.open(), name: 'read', state: 'running', tries: 1 })
    if (attempt === 2) await steps.step({ place: 0, name: 'read', state: 'complete', tries: 1, counts: { rows: 3 } })
    steps.artefact({ name: 'rows', kind: 'table', columns: ['a'], rows: [[1]], total: 1 })
    if (attempt === 1) throw new Error('not yet')
    return {}
  })
  const { runner, post, ledger, now } = engine
  const asked: string[] = []
  const watched = { ...ledger, get: async (docs: string[]) => { asked.push(...docs); return await ledger.get(docs) } }
  const work = { get: async (jobs: object[]) => jobs.map(() => undefined), counts: async () => ({}) }
  const lookups = await toLookups({ e: ['p'] }, { p: {} as never })
  const jobs = createJobs({ ledger: watched, work: work as never, lookups: () => lookups, now, verbs: {} as never })
  const tree = async (key: string) => (await createHistory({ ledger: watched, work: work as never, lookups: () => lookups, now } as never).tree(key)).jobs[0]

  const quiet = await post('e', { data: { quiet: true } })
  await runner.run(toQueued(`${quiet}.p`))
  t.notOk('steps' in await jobs.get('p', `${quiet}.p`))
  t.equal((await tree(quiet))?.steps, undefined)
  t.same([...ledger.documents()].map(([doc]) => doc).filter((doc) => /^(steps|artefacts|results):/.test(doc)), [])
  t.same(asked.filter((doc) => /^(steps|artefacts|results):/.test(doc)), [])

  const key = await post('e')
  await t.rejects(runner.run(toQueued(`${key}.p`, { maxAttempts: 2 })))
  t.match(await tree(key), { steps: [{ name: 'read', status: 'interrupted', attempt: 1 }] })
  await runner.run(toQueued(`${key}.p`, { maxAttempts: 2, attempt: 2 }))
  const steps = [{ name: 'read', status: 'interrupted', attempt: 1, ended: String }, { name: 'read', status: 'complete', attempt: 2, counts: { rows: 3 }, reason: null }]
  t.match(await jobs.get('p', `${key}.p`), { status: 'complete', steps, artefacts: [{ name: 'rows', kind: 'table', rows: [[1]] }] })
  t.match(await tree(key), { steps })
  t.notOk('steps' in (await jobs.list('p', { limit: 10 })).items[0]!, 'not in lists')
})
