import { setTimeout as sleep } from 'node:timers/promises'

/** Calls `send` `count` times at a steady rate, whether or not the calls before have ended; answers when all have. */
export async function pace<T> ({ perSecond, count }: { perSecond: number, count: number }, send: (i: number) => Promise<T>): Promise<T[]> {
  const start = performance.now()
  const sent: Array<Promise<T>> = []
  for (let i = 0; i < count; i++) {
    const wait = start + i * 1000 / perSecond - performance.now()
    if (wait > 0) await sleep(wait)
    sent.push(send(i))
  }
  return await Promise.all(sent)
}

/** Runs `count` calls, `concurrency` at a time; answers how long each took, in milliseconds. */
export async function crowd ({ count, concurrency }: { count: number, concurrency: number }, call: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  let begun = 0
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (begun++ < count) {
      const start = performance.now()
      await call()
      took.push(performance.now() - start)
    }
  }))
  return took
}

/**
 * Milliseconds since 1970 with a fraction. BullMQ's own times are whole: half a millisecond is to be added to those.
 * Made anew for each phase, because the two clocks of a machine drift apart.
 */
export function startClock (): () => number {
  const before = Date.now()
  while (Date.now() === before);
  const offset = Date.now() - performance.now()
  return () => offset + performance.now()
}

/**
 * Resolves when a number that grows is `target`. Asks seldom at first, so that asking costs nothing, and often near the
 * end, which is what is measured. `from`: what it was when it began to grow.
 */
export async function untilCount (count: () => Promise<number>, target: number, from?: number): Promise<void> {
  const before = from ?? await count()
  const start = performance.now()
  for (let now = before; now < target; now = await count()) {
    const msPerOne = now === before ? 0 : (performance.now() - start) / (now - before)
    await sleep(Math.min(500, Math.max(20, (target - now) * msPerOne / 2)))
  }
}
