import type { Redis } from 'ioredis'

/** Later than any time that is asked for. */
const NEVER = 8.64e15
const PIECE = 1000

/**
 * Takes the kept ones among what ended before a time out of the reach of those who remove by score. Each stays in its set,
 * and when it has ended is told by the job itself.
 */
export async function spareKept (reads: Redis, { ended, kept, before }: { ended: string, kept: string, before: number }): Promise<void> {
  if (await reads.exists(kept) === 0) return
  for (let offset = 0; ;) {
    const ids = await reads.zrangebyscore(ended, '-inf', before, 'LIMIT', offset, PIECE)
    const scores = await Promise.all(ids.map((id) => reads.zscore(kept, id)))
    const spared = ids.filter((_, i) => scores[i] !== null)
    if (spared.length > 0) await reads.zadd(ended, 'XX', ...spared.flatMap((id) => [NEVER, id]))
    if (ids.length < PIECE) return
    offset += ids.length - spared.length
  }
}
