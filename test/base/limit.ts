import t from 'tap'
import { ahead, concurrently, createLimit } from '../../src/base/limit.ts'

t.test('places are given in the order in which they were asked for', async (t) => {
  const limit = createLimit(1)
  const order: number[] = []
  const release = await limit.take()
  const all = [1, 2, 3].map(async (n) => await limit.run(async () => { order.push(n) }))
  t.same(order, [])
  release()
  await Promise.all(all)
  t.same(order, [1, 2, 3])
})

t.test('no more than the limit run at once, one that fails gives its place back', async (t) => {
  const limit = createLimit(2)
  let running = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    throw new Error('broken')
  }
  const ends = await Promise.allSettled(Array.from({ length: 7 }, async () => await limit.run(work)))
  t.equal(ends.length, 7)
  t.equal(most, 2)
})

t.test('one who is told to stop while he waits leaves the line, and takes no place with him', async (t) => {
  const limit = createLimit(1)
  const release = await limit.take()
  const stop = new AbortController()
  const waiting = limit.take(stop.signal)
  stop.abort(new Error('cancelled'))
  await t.rejects(waiting, { message: 'cancelled' })
  await t.rejects(limit.take(stop.signal), { message: 'cancelled' })
  release()
  t.type(await limit.take(), 'function')
})

t.test('a place that is released twice is one place', async (t) => {
  const limit = createLimit(1)
  const first = await limit.take()
  first()
  first()
  await limit.take()
  let taken = false
  void limit.take().then(() => { taken = true })
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(taken)
})

t.test('after the first error nothing more is begun', async (t) => {
  const begun: number[] = []
  await t.rejects(concurrently([1, 2, 3, 4], 2, async (n) => {
    begun.push(n)
    if (n === 1) throw new Error('broken')
    await new Promise((resolve) => setImmediate(resolve))
  }), { message: 'broken' })
  t.same(begun, [1, 2])
})

t.test('what is made ahead comes in the order of the items', async (t) => {
  const made: number[] = []
  for await (const one of ahead([30, 1, 2], 2, async (ms) => await new Promise<number>((resolve) => setTimeout(resolve, ms, ms)))) made.push(one)
  t.same(made, [30, 1, 2])
})
