import t from 'tap'
import { appendLog, forgetLog, readLog } from '../../../src/engine/jobs/logs.ts'
import { createMemoryLedger } from '../../../src/ledger/memory.ts'

const lines = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `line ${from + i}`)

t.test('lines are read in the order in which they were written, in pages', async (t) => {
  const ledger = createMemoryLedger()
  t.same(await readLog(ledger, 'k.p', 0, 10), { lines: [], start: 0, total: 0 })
  await appendLog(ledger, 'k.p', lines(0, 99))
  await appendLog(ledger, 'k.p', lines(99, 250))
  await appendLog(ledger, 'k.q', ['of another'])
  t.same(await readLog(ledger, 'k.p', 0, 250), { lines: lines(0, 250), start: 0, total: 250 })
  t.same(await readLog(ledger, 'k.p', 98, 4), { lines: lines(98, 102), start: 98, total: 250 })
  t.same(await readLog(ledger, 'k.p', 249, 10), { lines: ['line 249'], start: 249, total: 250 })
  t.same(await readLog(ledger, 'k.p', 250, 10), { lines: [], start: 250, total: 250 })
})

t.test('the last 10,000 lines are kept, and a page says where it begins', async (t) => {
  const ledger = createMemoryLedger()
  await appendLog(ledger, 'k.p', lines(0, 10_001))
  t.same(await readLog(ledger, 'k.p', 0, 2), { lines: lines(100, 102), start: 100, total: 10_001 })
  t.same(await readLog(ledger, 'k.p', 9999, 5), { lines: lines(9999, 10_001), start: 9999, total: 10_001 })
  t.equal([...ledger.documents()].filter(([, { value }]) => value !== undefined).length, 101, 'a head and a hundred pieces')
})

t.test('a line that PostgreSQL could not keep, or that is very long, is kept as far as may be', async (t) => {
  const ledger = createMemoryLedger()
  await appendLog(ledger, 'k.p', ['a\0b\ud800', 'x'.repeat(40_000)])
  const { lines: [strange, long] } = await readLog(ledger, 'k.p', 0, 2)
  t.equal(strange, 'a\ufffdb\ufffd')
  t.equal(long, `${'x'.repeat(32_768)}… (40000 characters)`)
})

t.test('a log goes with its job, and may begin anew', async (t) => {
  const ledger = createMemoryLedger()
  await appendLog(ledger, 'k.p', lines(0, 150))
  await forgetLog(ledger, 'k.p')
  await forgetLog(ledger, 'k.p')
  t.same(await readLog(ledger, 'k.p', 0, 10), { lines: [], start: 0, total: 0 })
  await appendLog(ledger, 'k.p', ['again'])
  t.same(await readLog(ledger, 'k.p', 0, 10), { lines: ['again'], start: 0, total: 1 })
})
