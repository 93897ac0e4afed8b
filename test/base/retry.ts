import t from 'tap'
import { doubling, isPassing, readRetryAfter, retry } from '../../src/base/retry.ts'

const failing = (times: number, error: unknown = new Error('away')): ((failures: number) => Promise<number>) =>
  async (failures) => {
    if (failures < times) throw error
    return failures
  }

t.test('work that fails is done again after its delays, and the last delay holds for what follows', async (t) => {
  const lines: string[] = []
  t.equal(await retry(failing(3), { tries: 4, delays: [1, 2], log: (line) => { lines.push(line) } }), 3)
  t.same(lines, ['away; try 2 of 4 in 1 ms', 'away; try 3 of 4 in 2 ms', 'away; try 4 of 4 in 2 ms'])
})

t.test('the last error is thrown when all tries have failed', async (t) => {
  await t.rejects(retry(failing(3), { tries: 3, delays: [0] }), { message: 'away' })
  await t.rejects(retry(failing(1), { tries: 1, delays: [] }), { message: 'away' })
})

t.test('what calls itself final is not tried again, nor what may not pass', async (t) => {
  let calls = 0
  const count = async (): Promise<void> => {
    calls++
    throw Object.assign(new Error('no'), { code: 'FINAL' })
  }
  await t.rejects(retry(count, { tries: 5, delays: [0] }), { message: 'no' })
  t.equal(calls, 1)
  await t.rejects(retry(failing(1), { tries: 5, delays: [0], mayPass: () => false }), { message: 'away' })
})

t.test('an abort ends the pause and throws its reason', async (t) => {
  const stop = new AbortController()
  const retried = retry(failing(9), { tries: 9, delays: [3_600_000], signal: stop.signal, log: () => { stop.abort(new Error('cancelled')) } })
  await t.rejects(retried, { message: 'cancelled' })
})

t.test('an abort during the work throws its reason and not the error of the work', async (t) => {
  const stop = new AbortController()
  const work = async (): Promise<void> => {
    stop.abort(new Error('cancelled'))
    throw new Error('socket closed')
  }
  await t.rejects(retry(work, { tries: 9, delays: [0], signal: stop.signal }), { message: 'cancelled' })
})

t.test('a doubling delay grows to its limit', async (t) => {
  t.same([1, 2, 3, 4, 50].map(doubling(100, 500)), [100, 200, 400, 500, 500])
})

t.test('the network, a time limit, 429 and 5xx may pass, wherever they stand in the causes', async (t) => {
  const wrap = (cause: object): Error => new Error('outer', { cause: new Error('inner', { cause }) })
  t.ok(isPassing({ code: 'ECONNRESET' }))
  t.ok(isPassing(wrap({ statusCode: 429 })))
  t.ok(isPassing(wrap({ status: 503 })))
  t.ok(isPassing(wrap({ name: 'TimeoutError' })))
  t.notOk(isPassing(wrap({ statusCode: 404 })))
  t.notOk(isPassing(Object.assign(new Error('no', { cause: { code: 'ECONNRESET' } }), { code: 'INPUT_REFUSED' })))
  t.notOk(isPassing('ECONNRESET'))
})

t.test('Retry-After is seconds or a date', async (t) => {
  t.equal(readRetryAfter('3'), 3000)
  t.equal(readRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000), 6000)
  t.equal(readRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 60_000), 0)
  t.equal(readRetryAfter('soon'), undefined)
  t.equal(readRetryAfter(undefined), undefined)
})
