import t from 'tap'
import { createBigCounts } from '../../src/base/big-counts.ts'

t.test('what is much is counted now and then, once for all who ask, and never told when it is a minute old', async (t) => {
  let [clock, there, counted] = [0, 10_000, 0]
  const of = createBigCounts(async () => {
    counted++
    await new Promise(setImmediate)
    return there
  }, () => clock)
  t.same(await Promise.all([of('a'), of('a')]), [10_000, 10_000])
  t.equal(counted, 1)
  there = 20_000
  clock = 4999
  t.equal(await of('a'), 10_000)
  clock = 5000
  t.equal(await of('a'), 10_000, 'and it is counted meanwhile')
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  t.equal(await of('a'), 20_000)
  there = 30_000
  clock = 65_000
  t.equal(await of('a'), 30_000)
  t.equal(counted, 3)
})
