import t from 'tap'
import { supervise } from '../../../src/queues/bullmq/supervised.ts'
import { until } from '../../fixtures/servers.ts'

/** A worker of BullMQ as far as it is watched: its end, and its asking for jobs, come when the test says so. */
function createLoop () {
  let end: (error?: Error) => void = () => {}
  const running = new Promise<void>((resolve, reject) => { end = (error) => { if (error === undefined) resolve(); else reject(error) } })
  const backend = { maximumBlockTimeout: 3600, waitForJob: async () => null, moveToActive: async () => [null, null, 0, 0] }
  const loop = { closed: 0, end, run: () => running, close: async () => { loop.closed++ }, getBackend: () => backend as never }
  return { loop, backend }
}

function watch ({ silentMs, isFull = () => false }: { silentMs?: number, isFull?: () => boolean } = {}) {
  const made: Array<ReturnType<typeof createLoop>> = []
  const errors: Error[] = []
  const supervised = supervise({
    make: () => {
      const one = createLoop()
      made.push(one)
      return one.loop
    },
    isFull,
    silentMs,
    onError: (error) => { errors.push(error) }
  })
  return { made, errors, supervised }
}

t.test('a worker that ends, well or not, is made anew', { timeout: 60_000 }, async (t) => {
  const { made, errors, supervised } = watch()
  t.teardown(supervised.close)
  made[0]?.loop.end()
  await until(() => made.length === 2)
  t.equal(supervised.loop(), made[1]?.loop)
  t.match(errors, [{ message: 'a worker has ended and is made anew' }])
  t.equal(made[0]?.loop.closed, 1, 'the old one is let go')
  made[1]?.loop.end(new Error('Connection is closed.'))
  await until(() => made.length === 3)
  t.match(errors[1]?.cause, { message: 'Connection is closed.' })
})

t.test('each time after a longer pause, until it has turned', { timeout: 60_000 }, async (t) => {
  const { made, supervised } = watch()
  t.teardown(supervised.close)
  const pauseMs = async (): Promise<number> => {
    const at = performance.now()
    const before = made.length
    made.at(-1)?.loop.end()
    await until(() => made.length > before)
    return performance.now() - at
  }
  const [first, second] = [await pauseMs(), await pauseMs()]
  t.ok(first >= 499, String(first))
  t.ok(second >= 999, String(second))
  await made.at(-1)?.backend.waitForJob()
  const third = made.length
  const before = performance.now()
  made.at(-1)?.loop.end()
  await until(() => made.length > third)
  t.ok(performance.now() - before >= 499)
})

t.test('a worker that asks for nothing is made anew, and one that has no room is left alone', { timeout: 60_000 }, async (t) => {
  let full = true
  const { made, errors, supervised } = watch({ silentMs: 1, isFull: () => full })
  t.teardown(supervised.close)
  // Longer than between two looks.
  await new Promise((resolve) => { setTimeout(resolve, 2200) })
  t.equal(made.length, 1)
  full = false
  await until(() => made.length === 2)
  t.match(errors[0]?.message, /^a worker has asked for nothing for \d+ s and is made anew$/)
})

t.test('whether it serves is told by what it was answered last', async (t) => {
  const { made, supervised } = watch()
  const { now } = performance
  let ahead = 0
  performance.now = () => now.call(performance) + ahead
  t.teardown(async () => {
    performance.now = now
    await supervised.close()
  })
  t.ok(supervised.isServing())
  ahead = 21_000
  t.notOk(supervised.isServing())
  await made[0]?.backend.moveToActive()
  t.ok(supervised.isServing())
  ahead = 42_000
  supervised.turned()
  t.ok(supervised.isServing())
})

t.test('BullMQ waits for ten seconds at most, so that silence can be told from waiting', async (t) => {
  const { made, supervised } = watch()
  t.teardown(supervised.close)
  t.equal(made[0]?.backend.maximumBlockTimeout, 10)
})

t.test('one that is closed is not made anew', async (t) => {
  const { made, errors, supervised } = watch()
  await supervised.close()
  made[0]?.loop.end()
  await new Promise(setImmediate)
  t.same([made.length, errors.length, made[0]?.loop.closed], [1, 0, 1])
})

t.test('whoever closes does not wait for one that was given up and never ends', { timeout: 60_000 }, async (t) => {
  const { made, errors, supervised } = watch()
  const [first] = made
  t.ok(first)
  Object.assign(first?.loop ?? {}, { close: () => new Promise(() => {}) })
  first?.loop.end()
  await until(() => errors.length === 1)
  await supervised.close()
  t.equal(made.length, 1)
})
