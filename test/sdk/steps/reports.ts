import t from 'tap'
import { keepArtefact, type KeptArtefact } from '../../../src/sdk/steps/artefact.ts'
import { maskedReports, type StepReport } from '../../../src/sdk/steps/reports.ts'
import { createRedactor } from '../../../src/sdk/masking/redactor.ts'

const plain = <T>(value: T): T => value
const kept = (table: Array<Record<string, unknown>>) => keepArtefact({ name: 'n', table }, plain) as KeptArtefact & { kind: 'table' }

t.test('a table is kept within its bounds, and says how many rows there were', async (t) => {
  t.same(kept([{ a: 'x', b: 1 }, { b: true, c: { d: [1] } }, { a: null }]), { name: 'n', step: undefined, kind: 'table', columns: ['a', 'b', 'c'], rows: [['x', 1, null], [null, true, '{"d":[1]}'], [null, null, null]], total: 3 })
  const rows = (count: number, text: string) => Array.from({ length: count }, () => ({ text }))
  t.equal(kept(rows(200, 'x')).rows.length, 200)
  t.match(kept(rows(201, 'x')), { rows: { length: 200 }, total: 201 })
  t.same(kept([{ a: 'x'.repeat(300) }, { a: 'x'.repeat(301) }, { a: 'nul \0 \ud800' }, { a: NaN }]).rows.map(([cell]) => String(cell).length), [300, 300, 7, 3])
  t.equal(kept([{ a: 'nul \0 \ud800' }]).rows[0]?.[0], 'nul \ufffd \ufffd')
  t.ok(JSON.stringify(kept(rows(200, 'x'.repeat(300))).rows).length <= 16_384 + 400)
  t.equal(kept([Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`c${i}`, i]))]).columns.length, 20)
})

t.test('a text is cut where it is too long, and says so', async (t) => {
  t.match(keepArtefact({ name: 'n', markdown: 'x'.repeat(16_384) }, plain), { is_cut: false, text: /x$/ })
  t.match(keepArtefact({ name: 'n', markdown: 'x'.repeat(16_385) }, plain), { is_cut: true, text: /…$/ })
})

t.test('secrets are taken out of steps and artefacts before they are cut; a result that holds one is not remembered', async (t) => {
  const redactor = createRedactor()
  redactor.add(['hunter2-secret'])
  const reports: StepReport[] = []
  const artefacts: KeptArtefact[] = []
  const masked = maskedReports({ open: () => 0, step: async (report) => { reports.push(report) }, artefact: (artefact) => { artefacts.push(artefact) }, recall: async () => undefined }, redactor)
  const step: StepReport = { place: 0, name: 'with hunter2-secret', state: 'failed', tries: 1, reason: `${'x'.repeat(990)} hunter2-secret`, counts: { 'hunter2-secret': 1, none: NaN }, progress: { complete: NaN, total: 3, message: 'hunter2-secret' } }
  await masked.step({ ...step, remember: { key: 'k', value: { password: 'hunter2-secret' } } })
  await masked.step({ ...step, remember: { key: 'k', value: 1 } })
  masked.artefact({ name: 'n', table: [{ 'hunter2-secret': `${'x'.repeat(290)} hunter2-secret` }] })
  masked.artefact({ name: 'hunter2-secret', link: 'https://u:hunter2-secret@example.org' })
  masked.artefact({ name: 'n', step: 'hunter2-secret', markdown: `${'x'.repeat(16_380)}hunter2-secret` })
  t.notMatch(JSON.stringify([reports, artefacts]), /hunter|secret/)
  t.match(reports, [{ name: 'with ***', remember: undefined, counts: { '***': 1 }, progress: { complete: 0, total: 3, message: '***' } }, { remember: { key: 'k', value: 1 } }])
})
