import { createColors } from 'picocolors'
import t from 'tap'
import { artefactLines, stepLines } from '../../src/cli/step-lines.ts'
import type { StepView } from '../../src/schemas/steps.ts'

const screen = { colors: createColors(false), width: Infinity }
const at = (seconds: number): string => new Date(1_700_000_000_000 + seconds * 1000).toISOString()
const step = (name: string, more: Partial<StepView> = {}): StepView =>
  ({ name, status: 'complete', round: 0, attempt: 1, tries: 1, started: at(0), ended: at(3), counts: {}, progress: null, reason: null, ...more })

t.test('each step has a line with its time, its tries and its counts; text of others does not turn the terminal around', async (t) => {
  t.same(stepLines([], screen), [])
  const lines = stepLines([step('read', { counts: { rows: 12000 }, tries: 2 }), step('bad\u001b[31m', { status: 'failed', reason: 'no\nluck' })], screen)
  t.match(lines, [/^STEP/, /^✔ read +3\.0 s +2 tries, 12,000 rows$/, /^✖ bad +3\.0 s +no luck$/])
  t.notOk(lines.join('').includes('\u001b'))
})

t.test('steps of several attempts say of which they are; one that runs how far it is', async (t) => {
  const lines = stepLines([
    step('read', { status: 'interrupted', ended: null }),
    step('read', { attempt: 2, status: 'reused', tries: 0 }),
    step('write', { attempt: 2, round: 1, status: 'running', ended: null, progress: { complete: 3, total: 4, message: 'rows' } })
  ], screen)
  t.match(lines, [/^STEP +OF/, /^⊘ read +attempt 1 +interrupted$/, /^↺ read +attempt 2 +reused$/, /^● write +retry 1, attempt 2 .* 3 of 4 rows$/])
})

t.test('an artefact is shown as a table, an address or a text', async (t) => {
  const rows = Array.from({ length: 21 }, (_, i) => [i, 'x'])
  const lines = artefactLines([
    { name: 'dropped', step: 'drop', kind: 'table', columns: ['row', 'why'], rows, total: 30 },
    { name: 'page', kind: 'link', url: 'https://example.org/\u0007' },
    { name: 'note', kind: 'markdown', text: '# Title\n- one\u001b[31m', is_cut: true }
  ], screen)
  t.match(lines.slice(0, 4), ['', 'dropped of drop', /^row +why$/, /^0 +x$/])
  t.same(lines.slice(23), ['… 30 rows', '', 'page', 'https://example.org/', '', 'note', '# Title', '- one', '…'])
})
