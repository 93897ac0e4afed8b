import t from 'tap'
import { createBatch } from '../../src/base/batch.ts'

type Write = (values: number[]) => Promise<Array<string | Error>>

const make = (write: Write, { size = 10, batches = 1, maxWaiting = 100, timeoutMs = 60_000 } = {}) => createBatch<number, string>({
  write,
  size,
  batches,
  maxWaiting,
  timeoutMs,
  overloaded: () => new Error('overloaded'),
  unanswered: () => new Error('unanswered')
})

t.test('what comes while a write is under way is written together', async (t) => {
  const written: number[][] = []
  const add = make(async (values) => {
    written.push(values)
    return values.map((value) => `wrote ${value}`)
  })
  const results = await Promise.all([add('a', 1), add('b', 2), add('c', 3)])
  t.same(results.map(({ result }) => result), ['wrote 1', 'wrote 2', 'wrote 3'])
  t.same(written, [[1], [2, 3]])
})

t.test('a value with the key of one under way shares its result and is not written', async (t) => {
  const written: number[][] = []
  const add = make(async (values) => {
    written.push(values)
    return values.map(String)
  })
  t.same(await Promise.all([add('same', 1), add('same', 2)]), [{ result: '1', shared: false }, { result: '1', shared: true }])
  t.same(written, [[1]])
})

t.test('an error among the results is that of its value alone', async (t) => {
  const add = make(async (values) => values.map((value) => value === 2 ? new Error('refused') : String(value)))
  const [first, second, third] = await Promise.allSettled([add('a', 1), add('b', 2), add('c', 3)])
  t.equal(first?.status, 'fulfilled')
  t.match(second, { status: 'rejected', reason: { message: 'refused' } })
  t.equal(third?.status, 'fulfilled')
})

t.test('a writer that answers fewer results than it was given is believed for none of them', async (t) => {
  const add = make(async (values) => values.slice(0, 1).map(String))
  const [first, second, third] = await Promise.allSettled([add('a', 1), add('b', 2), add('c', 3)])
  t.match(first, { status: 'fulfilled', value: { result: '1' } }, 'it was alone in its write')
  t.match(second, { status: 'rejected', reason: { message: 'unanswered' } })
  t.match(third, { status: 'rejected', reason: { message: 'unanswered' } })
})

t.test('a writer that answers more results than it was given is not believed either', async (t) => {
  const add = make(async (values) => [...values, 99].map(String))
  await t.rejects(add('a', 1), { message: 'unanswered' })
})

t.test('the error of a write is that of all its values, and the next write goes on', async (t) => {
  let isAway = true
  const add = make(async (values) => {
    if (isAway) throw new Error('away')
    return values.map(String)
  })
  await t.rejects(add('a', 1), { message: 'away' })
  isAway = false
  t.same(await add('a', 1), { result: '1', shared: false })
})

t.test('what waits too long is not written, and of what is being written nothing is known', async (t) => {
  const written: number[][] = []
  let answer = (): void => {}
  const add = make(async (values) => {
    written.push(values)
    await new Promise<void>((resolve) => { answer = resolve })
    return values.map(String)
  }, { timeoutMs: 20 })
  const [first, second] = await Promise.allSettled([add('a', 1), add('b', 2)])
  t.match(first, { status: 'rejected', reason: { message: 'unanswered' } })
  t.match(second, { status: 'rejected', reason: { message: 'overloaded' } })
  answer()
  await new Promise((resolve) => setImmediate(resolve))
  t.same(written, [[1]])
})

t.test('as many as may wait are taken, the next is turned away', async (t) => {
  let answer = (): void => {}
  const add = make(async (values) => {
    await new Promise<void>((resolve) => { answer = resolve })
    return values.map(String)
  }, { maxWaiting: 2 })
  const first = add('a', 1)
  const rest = [add('b', 2), add('c', 3)]
  await t.rejects(add('d', 4), { message: 'overloaded' })
  answer()
  await first
  answer()
  await Promise.all(rest)
})
