import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import t from 'tap'
import { readStoredArtefacts, readStoredResults, readStoredSteps, forgetSteps } from '../../../src/engine/jobs/steps.ts'
import { createStepRecord } from '../../../src/engine/worker/step-record.ts'
import type { Ledger } from '../../../src/ledger/contract.ts'
import { createMemoryLedger } from '../../../src/ledger/memory.ts'
import { createRedactor } from '../../../src/sdk/masking/redactor.ts'
import type { StepReport } from '../../../src/sdk/steps/reports.ts'
import { LEDGERS } from '../../ledger/fixtures/ledgers.ts'

type Given = { ledger: Pick<Ledger, 'get' | 'commit'>, job?: string, round?: number, taken?: number, attempt?: number, started?: number }

function record ({ ledger, job = 'e.p', round = 0, taken = 0, attempt = 1, started = 1 }: Given) {
  let clock = 1000
  return createStepRecord({ ledger, job, run: { round, taken, attempt, started }, now: () => clock++, log: pino({ level: 'silent' }), redactor: createRedactor(), onStep: () => {} })
}

async function stored (ledger: Pick<Ledger, 'get'>, job = 'e.p') {
  const [steps, artefacts, results, document] = await ledger.get([`steps:${job}`, `artefacts:${job}`, `results:${job}`, `job:${job}`])
  return { steps: readStoredSteps(steps)?.value, artefacts: readStoredArtefacts(artefacts)?.value, results: readStoredResults(results)?.value.results, count: document?.counts['steps'] }
}

const step = (place: number, state: StepReport['state'], more: Partial<StepReport> = {}): StepReport => ({ place, name: `s${place}`, state, tries: 1, ...more })

for (const { name, missing, open } of LEDGERS) {
  t.test(`steps, artefacts and results are kept over attempts on ${name}, and go with their job`, { skip: missing, timeout: 240_000 }, async (t) => {
    const { ledger, close } = await open()
    t.teardown(close)
    const job = `${randomUUID()}.p`
    const first = record({ ledger, job })
    await first.reports.step(step(first.reports.open(), 'running'))
    first.reports.artefact({ name: 'a', kind: 'link', url: '1' })
    await first.reports.step(step(0, 'complete', { counts: { rows: 2 }, remember: { key: 'k', value: [null, { 'ü"': 1 }] } }))
    await first.reports.step(step(first.reports.open(), 'running', { progress: { complete: 1, message: 'under way' } }))
    await first.flush()
    const second = record({ ledger, job, attempt: 2, started: 2 })
    t.same(await second.reports.recall('k'), { value: [null, { 'ü"': 1 }] })
    t.same(await second.reports.recall('other'), undefined)
    second.reports.artefact({ name: 'b', kind: 'link', url: '2' })
    second.reports.artefact({ name: 'a', kind: 'link', url: '3' })
    await second.reports.step(step(second.reports.open(), 'reused'))
    await second.flush()
    const steps = [
      { attempt: 1, name: 's0', state: 'complete', started: 1000, ended: 1001, counts: { rows: 2 } },
      { attempt: 1, name: 's1', state: 'interrupted', progress: { complete: 1, message: 'under way' } },
      { attempt: 2, name: 's0', state: 'reused' }
    ]
    t.match(await stored(ledger, job), {
      steps: { steps },
      artefacts: { artefacts: [{ name: 'b', url: '2' }, { name: 'a', url: '3' }] },
      count: 1
    })
    await second.forget()
    t.equal((await stored(ledger, job)).results, undefined)
    await forgetSteps(ledger, job)
    t.match(await stored(ledger, job), { steps: undefined, artefacts: undefined, results: undefined })
  })
}

t.test('a remembered step is written before it is over; all that was told before goes with it in one unit', async (t) => {
  const ledger = createMemoryLedger()
  let commits = 0
  const { reports } = record({ ledger: { get: ledger.get, commit: async (unit) => { commits++; return await ledger.commit(unit) } } })
  void reports.step(step(reports.open(), 'running'))
  reports.artefact({ name: 'a', kind: 'link', url: '1' })
  await reports.step(step(0, 'complete', { remember: { key: 'k', value: 1 } }))
  t.equal(commits, 1)
  t.match(await stored(ledger), { steps: { steps: [{ state: 'complete' }] }, artefacts: { artefacts: [{ name: 'a' }] }, results: { k: { value: 1 } } })
})

t.test('a run that was killed leaves its step as running, and the next one says that it was interrupted', async (t) => {
  const ledger = createMemoryLedger()
  const dead = record({ ledger })
  void dead.reports.step(step(dead.reports.open(), 'running'))
  await dead.reports.step(step(dead.reports.open(), 'complete', { remember: { key: 'k', value: 1 } }))
  t.match((await stored(ledger)).steps, { steps: [{ state: 'running' }, { state: 'complete' }] })
  const next = record({ ledger, taken: 1 })
  await next.reports.step(step(next.reports.open(), 'reused'))
  await next.flush()
  t.match((await stored(ledger)).steps, { steps: [{ state: 'interrupted' }, { state: 'complete' }, { state: 'reused' }] })
})

t.test('a worker that has lost its job writes over nothing of the run that has it', async (t) => {
  const ledger = createMemoryLedger()
  const slow = record({ ledger })
  await slow.reports.step(step(slow.reports.open(), 'complete', { remember: { key: 'k', value: 'slow' } }))
  const next = record({ ledger, taken: 1, started: 0 })
  await next.reports.step(step(next.reports.open(), 'complete', { remember: { key: 'k', value: 'next' } }))
  await slow.reports.step(step(slow.reports.open(), 'complete', { remember: { key: 'k', value: 'late' } }))
  await slow.flush()
  await slow.forget()
  t.match(await stored(ledger), { steps: { owner: [0, 1, 1, 0], steps: { length: 2 } }, results: { k: { value: 'next' } } })
})

t.test('what the ledger took and did not answer is written once; while it is away nothing is lost', async (t) => {
  const ledger = createMemoryLedger()
  const faults = ['before', 'after']
  const commit: Ledger['commit'] = async (unit) => {
    const fault = faults.shift()
    if (fault === 'before') throw new Error('away')
    const result = await ledger.commit(unit)
    if (fault === 'after') throw new Error('away')
    return result
  }
  const { reports, flush } = record({ ledger: { get: ledger.get, commit } })
  for (let i = 0; i < 3; i++) {
    void reports.step(step(reports.open(), 'complete'))
    reports.artefact({ name: `a${i}`, kind: 'link', url: '1' })
    await flush()
  }
  t.match(await stored(ledger), { steps: { steps: { length: 3 }, left_out: 0 }, artefacts: { artefacts: { length: 3 }, left_out: 0 }, count: 1 })
})

t.test('the last hundred steps and sixteen artefacts are kept; there is room for so many results', async (t) => {
  const ledger = createMemoryLedger()
  const first = record({ ledger })
  for (let i = 0; i < 70; i++) void first.reports.step(step(first.reports.open(), 'complete'))
  for (let i = 0; i < 17; i++) first.reports.artefact({ name: `a${i}`, kind: 'link', url: '1' })
  await first.flush()
  const second = record({ ledger, attempt: 2 })
  for (let i = 0; i < 101; i++) void second.reports.step(step(second.reports.open(), 'complete', i < 70 ? {} : { remember: { key: `k${i}`, value: 'x'.repeat(9000) } }))
  await second.flush()
  const { steps, artefacts, results = {} } = await stored(ledger)
  t.match(steps, { steps: { length: 100 }, left_out: 71 })
  t.match(artefacts, { artefacts: { length: 16, 0: { name: 'a1' } }, left_out: 1 })
  t.equal(Object.keys(results).length, 29, 'of 9 kB each')
})

t.test('of very many steps and artefacts all are counted, and one that is given anew is not left out', async (t) => {
  const ledger = createMemoryLedger()
  const { reports, flush } = record({ ledger })
  const open = reports.open()
  void reports.step(step(open, 'running'))
  for (let i = 0; i < 499; i++) void reports.step(step(reports.open(), 'complete'))
  for (let i = 0; i < 40; i++) reports.artefact({ name: `a${i}`, kind: 'link', url: '1' })
  for (let i = 0; i < 40; i++) reports.artefact({ name: 'a39', kind: 'link', url: String(i) })
  await flush()
  const { steps, artefacts } = await stored(ledger)
  t.match(steps, { steps: { length: 100, 0: { place: open } }, left_out: 400 }, 'one that is under way stays')
  t.match(artefacts, { artefacts: { length: 16, 15: { name: 'a39', url: '39' } }, left_out: 24 })
})
