import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import t from 'tap'
import { checkModule, createModuleRunner } from '../../../src/runners/module/module.ts'
import { threadEnvironment } from '../../../src/runners/environment.ts'
import { createStrays } from '../../../src/runners/module/strays.ts'
import { createThreads } from '../../../src/runners/module/threads.ts'
import { shipped } from '../../../src/roles/shipped.ts'
import { THREAD_ENTRY } from '../../../src/roles/worker.ts'
import { countIn } from '../../fixtures/built-ins.ts'
import { makeContext } from '../../fixtures/context.ts'
import { nodeEnvironment } from '../../fixtures/places.ts'

const lookupsFolder = fileURLToPath(new URL('../../fixtures/modules', import.meta.url))
const storeFolder = t.testdir({})
const { kinds } = shipped
const builtIns = countIn('count', 'tell')
const threads = createThreads({
  entry: THREAD_ENTRY,
  maxThreads: 1,
  memoryMb: 64,
  env: threadEnvironment({ PATH: process.env.PATH, ...nodeEnvironment, SIGNALBOX_TOKEN: 'of-the-service', AWS_SECRET_ACCESS_KEY: 'x', AWS_PROFILE: 'work' }),
  context: { store: { url: `file:${storeFolder}` }, inputs: { folders: [], maxBytes: 1000, timeoutMs: 1000, allowPrivate: false } }
})
t.teardown(threads.close)

const options = { lookupsFolder, builtIns, kinds, graceMs: 300, maxOutputBytes: 10_000, threads, strays: createStrays(), store: { url: `file:${storeFolder}` } }
const inThread = createModuleRunner({ module: './modes.mjs' }, options)
const inline = createModuleRunner({ module: './modes.mjs', thread: false }, options)
const expected = {
  output: { type: 'new_assembly', params: { mode: 'echo' }, attempt: 1, bad: 'a\ufffdb\ufffdc\\u0000' },
  events: [{ type: 'next' }]
}

for (const [name, runner] of [['a thread', inThread], ['the event loop', inline]] as const) {
  t.test(`a module in ${name} gets its context and answers its outcome`, async t => {
    const { context, lines, reports } = makeContext({ mode: 'echo' })
    t.same(await runner.run(context), expected)
    t.same(lines, ['hello'])
    t.same(reports, [{ complete: 1, total: 2 }])
  })

  t.test(`a module in ${name} reads all that its run answers by pages, as often as it likes`, async t => {
    const page = (...ids: string[]) => ids.map((id) => ({ event: { id, source: '/s', type: 'e' }, job: `${id}.p` }))
    const given = { absorbed: page('1'), absorbedCount: 3, allAbsorbed: async function * () { yield page('1', '2'); yield page('3') } }
    const { output } = await runner.run({ ...makeContext({ mode: 'absorbed' }).context, ...given })
    t.same(output, { first: ['1'], absorbedCount: 3, all: [['1', '2'], ['3']], second: 3 })
    const broken = { ...given, allAbsorbed: async function * () { yield page('1'); throw new Error('the ledger does not answer') } }
    await t.rejects(runner.run({ ...makeContext({ mode: 'absorbed' }).context, ...broken }), { message: 'the ledger does not answer' })
  })

  t.test(`a module in ${name} tells of its steps, and a second run remembers`, async t => {
    const remembered = new Map<string, unknown>()
    for (const state of ['complete', 'reused']) {
      const { context, told, artefacts } = makeContext({ mode: 'steps' }, undefined, remembered)
      t.same(await runner.run(context), { output: { rows: 3 } })
      t.match(told(), [{ name: 'read', state }, { name: 'inner', state: 'complete', counts: { rows: 1 } }, { name: 'fails', state: 'failed', tries: 2, reason: 'no luck' }])
      t.match(artefacts, [{ name: 'note', kind: 'markdown', step: undefined, text: '# Read' }])
    }
  })

  t.test(`what a module in ${name} throws is the reason, its stack goes to the log`, async t => {
    const { context, lines } = makeContext({ mode: 'throws' })
    await t.rejects(runner.run(context), { message: 'no such genome' })
    t.match(lines.join('\n'), /modes\.mjs:\d+/)
    await t.rejects(runner.run(makeContext({ mode: 'final' }).context), { message: 'bad input', code: 'FINAL' })
  })

  t.test(`an outcome of another shape from ${name} is a final failure`, async t => {
    await t.rejects(runner.run(makeContext({ mode: 'text' }).context), { code: 'FINAL', message: 'the process returned a string, not an object { output?, events? }' })
    await t.rejects(runner.run(makeContext({ mode: 'badEvents' }).context), { code: 'FINAL', message: 'events[1].type must be a non-empty string' })
  })

  t.test(`a module in ${name} that heeds its signal ends with the reason`, async t => {
    const { context, abort, lines, logged } = makeContext({ mode: 'waits' })
    const run = t.rejects(runner.run(context), { message: 'timed out' })
    await logged('waiting')
    abort.abort(new Error('timed out'))
    await run
    t.ok(lines.includes('cleaned up'))
  })
}

t.test('a thread opens the store for itself', async t => {
  t.same(await inThread.run(makeContext({ mode: 'store' }).context), { output: 3 })
})

t.test('an endless loop is ended, a waiting job runs next, and one that is aborted while waiting never starts', async t => {
  const { context, abort, logged } = makeContext({ mode: 'loop' })
  const run = t.rejects(inThread.run(context), { message: 'timed out; it did not stop within 300 ms and its thread was ended' })
  await logged('looping')
  const next = inThread.run(makeContext({ mode: 'empty' }).context)
  const dropped = makeContext({ mode: 'echo' })
  const droppedRun = t.rejects(inThread.run(dropped.context), { message: 'cancelled' })
  dropped.abort.abort(new Error('cancelled'))
  await droppedRun
  abort.abort(new Error('timed out'))
  await run
  t.same(await next, {})
  t.same(dropped.lines, [])
})

t.test('out of memory, a stray error and process.exit end one job and not the service', async t => {
  await t.rejects(inThread.run(makeContext({ mode: 'memory' }).context), { message: 'out of memory: the process used more than 64 MB' })
  await t.rejects(inThread.run(makeContext({ mode: 'late' }).context), { message: 'stray' })
  await t.rejects(inThread.run(makeContext({ mode: 'exit' }).context), { message: 'the process ended its own thread with exit code 7' })
  t.same(await inThread.run(makeContext({ mode: 'empty' }).context), {})
})

t.test('a flood of log lines is cut', async t => {
  const { context, lines } = makeContext({ mode: 'flood' })
  await inThread.run(context)
  t.ok(lines.length < 120)
  t.match(lines.at(-1), /the log is cut here/)
})

t.test('inline work that ignores its signal fails and says that it still runs', async t => {
  const { context, abort, logged } = makeContext({ mode: 'deaf' })
  const run = t.rejects(inline.run(context), { message: /^cancelled; it did not stop within 300 ms and still runs/ })
  await logged('deaf')
  abort.abort(new Error('cancelled'))
  await run
})

t.test('TypeScript from outside the project runs, by its default or a named export', async t => {
  const folder = join('/tmp', `signalbox-outside-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  t.teardown(async () => await (await import('node:fs/promises')).rm(folder, { recursive: true }))
  writeFileSync(join(folder, 'own.ts'), `type Answer = { output: string }
import { suffix } from './part.ts'
export const other = async (): Promise<Answer> => ({ output: 'other' + suffix })
export default async function ({ jobId }: { jobId: string }): Promise<Answer> { return { output: jobId satisfies string } }
`)
  writeFileSync(join(folder, 'part.ts'), "export const suffix: string = '!'\n")
  for (const thread of [true, false]) {
    const byDefault = createModuleRunner({ module: './own.ts', thread }, { ...options, lookupsFolder: folder })
    t.same(await byDefault.run(makeContext().context), { output: 'job-1' })
    const named = createModuleRunner({ module: join(folder, 'own.ts'), export: 'other', thread }, options)
    t.same(await named.run(makeContext().context), { output: 'other!' })
  }
})

t.test('checkModule says precisely what is wrong', async t => {
  const folder = t.testdir({ 'broken.mjs': 'export const = 3', 'empty.ts': 'export {}' })
  t.equal(await checkModule({ module: './modes.mjs' }, lookupsFolder, builtIns), undefined)
  t.match(await checkModule({ module: 'counted' }, folder, builtIns), /"counted" is no built-in process \(there are count, tell\); a file begins with/)
  t.match(await checkModule({ module: './none.ts' }, folder, builtIns), /none\.ts does not exist/)
  t.match(await checkModule({ module: './a.json' }, folder, builtIns), /must end in \.ts/)
  t.match(await checkModule({ module: './broken.mjs' }, folder, builtIns), /broken\.mjs does not load: /)
  t.match(await checkModule({ module: './empty.ts' }, folder, builtIns), /neither a function "run" nor a default function; it exports nothing/)
  t.match(await checkModule({ module: './modes.mjs', export: 'notAFunction' }, lookupsFolder, builtIns), /no function "notAFunction"; it exports notAFunction, run/)
})

t.test('a module in a thread does not see the environment of the service', async t => {
  const { output } = await createModuleRunner({ module: './environment.mjs' }, options).run(makeContext().context)
  t.same(output, { AWS_PROFILE: 'work', PATH: process.env.PATH })
})
