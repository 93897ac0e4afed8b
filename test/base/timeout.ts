import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { inTime, withTimeout } from '../../src/base/timeout.ts'

function standStill (ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

t.test('what is not done in time is given up, what is done in time is answered, and an error is that of the work', async (t) => {
  const begun = performance.now()
  await t.rejects(withTimeout(new Promise(() => {}), 100), { message: 'no answer within 100 ms' })
  t.ok(performance.now() - begun >= 99)
  t.equal(await inTime(sleep(20, 'done'), 5000, 'late'), 'done')
  t.equal(await inTime(new Promise(() => {}), 20, 'late'), 'late')
  await t.rejects(withTimeout(Promise.reject(new Error('it failed')), 5000), { message: 'it failed' })
})

t.test('time in which the process itself stood still does not count', async (t) => {
  const answer = inTime(sleep(600, 'done'), 1000, 'late')
  standStill(1500)
  t.equal(await answer, 'done', 'it is done when it is asked first after that')
  const slow = inTime(sleep(1900, 'done'), 1000, 'late')
  await sleep(300)
  standStill(1000)
  t.equal(await slow, 'done')
})

t.test('a process that does nothing but stand still gives up all the same', async (t) => {
  const over = new AbortController()
  const stand = async (): Promise<void> => {
    while (!over.signal.aborted) {
      standStill(60)
      await new Promise(setImmediate)
    }
  }
  const standing = stand()
  t.equal(await inTime(new Promise(() => {}), 20, 'late'), 'late')
  over.abort()
  await standing
})
