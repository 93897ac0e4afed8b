import { findKey, LENGTHS, type Segment } from './segment.ts'

/** In how many meetings a gram occurs. */
export interface Frequencies {
  of: (high: number, low: number) => number
}

/** Counts over all segments. Only the keys are held: 8 bytes for each gram of each meeting while it counts. */
export async function countFrequencies (meetings: AsyncIterable<{ segment: Segment }>): Promise<Frequencies> {
  let all = new BigUint64Array(1 << 16)
  let size = 0
  for await (const { segment } of meetings) {
    for (const length of LENGTHS) {
      const { keys, rows } = segment.grams(length)
      if (size + rows > all.length) {
        const larger = new BigUint64Array(Math.max(all.length * 2, size + rows))
        larger.set(all.subarray(0, size))
        all = larger
      }
      all.set(new BigUint64Array(keys.buffer, keys.byteOffset, rows), size)
      size += rows
    }
  }
  return summarize(new Uint32Array(all.subarray(0, size).sort().buffer, 0, size * 2))
}

/** Most grams occur in one meeting only: the others are kept. */
function summarize (sorted: Uint32Array): Frequencies {
  const size = sorted.length / 2
  const keys = new Uint32Array(sorted.length)
  const counts = new Uint32Array(size)
  let kept = 0
  for (let i = 0; i < size;) {
    let end = i + 1
    while (end < size && sorted[2 * end] === sorted[2 * i] && sorted[2 * end + 1] === sorted[2 * i + 1]) end++
    if (end - i > 1) {
      keys.set(sorted.subarray(2 * i, 2 * i + 2), 2 * kept)
      counts[kept++] = end - i
    }
    i = end
  }
  const several = keys.slice(0, 2 * kept)
  return {
    of: (high, low) => {
      const found = findKey(several, high, low)
      return found === -1 ? 1 : counts[found] as number
    }
  }
}
