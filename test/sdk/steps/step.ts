import t from 'tap'
import type { StepOptions } from '../../../src/sdk/steps/step.ts'
import { testSteps } from '../../fixtures/steps.ts'

function open (params: Record<string, unknown> = { a: 1 }, remembered = new Map<string, unknown>()) {
  const abort = new AbortController()
  const lines: string[] = []
  const reports: object[] = []
  const { context, steps, artefacts } = testSteps({ params, signal: abort.signal, log: (line) => { lines.push(line) }, progress: (now) => { reports.push(now) } }, remembered)
  return { ...context, steps, artefacts, lines, reports, abort, remembered }
}

t.test('a step answers what its work answers, and is told with its counts and its progress', async (t) => {
  const { step, artefact, steps, artefacts, reports } = open()
  t.equal(await step('read', async ({ count, progress, artefact, attempt }) => {
    count('rows', 2)
    count('rows')
    progress({ complete: 3, total: 4 })
    artefact({ name: 'note', markdown: '# Read' })
    return attempt
  }), 1)
  artefact({ name: 'all', link: 'https://example.org' })
  t.same(steps(), [{ name: 'read', state: 'complete', tries: 1, counts: { rows: 3 }, reason: undefined }])
  t.same(reports, [{ complete: 3, total: 4, message: 'read' }], 'the progress of the job moves with it')
  t.match(artefacts, [{ name: 'note', step: 'read', kind: 'markdown' }, { name: 'all', step: undefined, kind: 'link' }])
})

t.test('a step is tried again as often as it may; what calls itself final is not; each try counts anew', async (t) => {
  const { step, steps, lines } = open()
  const work = (failures: number) => {
    let tries = 0
    return async ({ count }: { count: (name: string) => void }): Promise<string> => {
      count('tries')
      if (tries++ < failures) throw new Error('not yet')
      return 'done'
    }
  }
  t.equal(await step('third time', work(2), { attempts: 3, backoff: [0] }), 'done')
  await t.rejects(step('too few', work(2), { attempts: 2, backoff: [0] }), { message: 'not yet' })
  await t.rejects(step('final', async () => { throw Object.assign(new Error('never'), { code: 'FINAL' }) }, { attempts: 5, backoff: [0] }), { message: 'never' })
  t.match(steps(), [
    { name: 'third time', state: 'complete', tries: 3, counts: { tries: 1 } },
    { name: 'too few', state: 'failed', tries: 2, reason: 'not yet' },
    { name: 'final', state: 'failed', tries: 1, reason: 'never' }
  ])
  t.match(lines[0], /^third time: not yet; try 2 of 3/)
})

t.test('a remembered result is used by a later run of the same job with the same parameters and key, and by no other', async (t) => {
  const remembered = new Map<string, unknown>()
  let times = 0
  const run = async (params: Record<string, unknown>, options: StepOptions<object> = {}): Promise<object> => {
    const { step, steps } = open(params, remembered)
    return { result: await step('work', () => ({ times: ++times, none: undefined }), { remember: true, ...options }), state: steps()[0]?.state }
  }
  t.same(await run({ a: 1 }), { result: { times: 1 }, state: 'complete' }, 'as JSON has it, the first time too')
  t.same(await run({ a: 1 }), { result: { times: 1 }, state: 'reused' })
  t.same(await run({ a: 2 }), { result: { times: 2 }, state: 'complete' })
  t.same(await run({ a: 1 }, { key: 'b' }), { result: { times: 3 }, state: 'complete' })
  t.same(await run({ a: 1 }, { isStillGood: async () => false }), { result: { times: 4 }, state: 'complete' })
  const before = remembered.size
  t.same(await run({ a: 1, force: true }), { result: { times: 5 }, state: 'complete' })
  t.same(await run({ a: 1, force: true }), { result: { times: 6 }, state: 'complete' })
  t.equal(remembered.size, before, 'with force nothing is remembered')
})

t.test('what cannot be remembered is answered as it is: the work goes on', async (t) => {
  const { step, lines, remembered } = open()
  const loop: { self?: unknown } = {}
  loop.self = loop
  t.equal(await step('loop', () => loop, { remember: true }), loop)
  t.equal(await step('null sign', () => 'a\0', { remember: true }), 'a\0')
  t.equal(await step('fits', () => 'x'.repeat(65_534), { remember: true }), 'x'.repeat(65_534))
  t.equal(await step('is too long', () => 'x'.repeat(65_535), { remember: true }), 'x'.repeat(65_535))
  t.match(lines, [/^loop: its result is not remembered: .*circular/i, /^null sign: .*U\+0000/, /^is too long: .* 65537 bytes, 65536 are the most/])
  t.equal(remembered.size, 1)
})

t.test('a step of a job that is told to stop is interrupted, and none is begun after that', async (t) => {
  const { step, steps, abort } = open()
  await t.rejects(step('stops', async () => {
    abort.abort(new Error('cancelled'))
    throw new Error('stopped')
  }, { attempts: 3, backoff: [0] }), { message: 'cancelled' })
  await t.rejects(step('later', () => 1), { message: 'cancelled' })
  t.match(steps(), [{ name: 'stops', state: 'interrupted', tries: 1 }])
})
