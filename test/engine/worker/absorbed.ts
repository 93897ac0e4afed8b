import t from 'tap'
import { firstAbsorbed, readAbsorbed } from '../../../src/engine/worker/absorbed.ts'
import type { Trigger } from '../../../src/sdk/process.ts'
import { createMemoryEngine } from '../../fixtures/memory-engine.ts'

const collect = async (pages: AsyncIterable<Trigger[]>): Promise<Trigger[][]> => {
  const all: Trigger[][] = []
  for await (const page of pages) all.push(page)
  return all
}

t.test('a run is given the events of all that it has absorbed, oldest first, by pages', async (t) => {
  const { post, ledger } = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: {} } })
  const running = await post('e', { subject: 's' })
  const first = await post('e', { subject: 's' })
  const absorbed: string[] = []
  for (let n = 0; n < 120; n++) absorbed.push(await post('e', { subject: 's', data: { n } }))
  const lines: string[] = []
  const pages = await collect(readAbsorbed(ledger, `${first}.p`, (line) => { lines.push(line) }))
  t.same(pages.map(({ length }) => length), [50, 50, 20])
  t.same(pages.flat().map(({ event }) => (event.data as { n: number }).n), [...absorbed.keys()])
  t.same(pages.flat().map(({ job }) => job), absorbed.map((key) => `${key}.p`))
  t.same(lines, [])
  t.same(await collect(readAbsorbed(ledger, `${running}.p`, t.fail)), [[]], 'one that has absorbed nothing')
})

t.test('what goes to a run unasked is bounded in number and in size', async (t) => {
  const pages = async function * (sizes: number[]): AsyncGenerator<Trigger[]> {
    for (const size of sizes) yield [{ event: { id: '1', source: '/s', type: 'e', data: 'x'.repeat(size) }, job: 'e1.p' }]
  }
  t.equal((await firstAbsorbed(pages(Array.from({ length: 1500 }, () => 1)))).length, 1000)
  t.equal((await firstAbsorbed(pages([400_000, 400_000, 400_000, 1]))).length, 2, 'the order is not changed for one that would fit')
})

t.test('an event that is no longer kept is told', async (t) => {
  const lines: string[] = []
  const ledger = { list: async () => [[1, 'gone.p e'] as [number, string]], get: async () => [undefined] }
  t.same(await collect(readAbsorbed(ledger, 'k.p', (line) => { lines.push(line) })), [[]])
  t.match(lines, [/absorbed job gone\.p is no longer kept/])
})
