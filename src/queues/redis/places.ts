import type { Redis } from 'ioredis'
import type { ListRange } from '../contract.ts'
import { readCursor, type Place } from '../cursor.ts'

/** A list is read in pieces of so many ids. */
export const LIST_PIECE = 100

/** ZRANGEBYSCORE … WITHSCORES answers member, score, member, score, … */
export function toPlaces (found: string[]): Place[] {
  const places: Place[] = []
  for (let i = 0; i < found.length; i += 2) places.push({ id: found[i] as string, at: Number(found[i + 1]) })
  return places
}

/** The highest score that is asked for: that of the cursor, or the last millisecond before `until`. */
export function highest (from: Place | undefined, until: number | undefined): number | '+inf' {
  const bounds = [...(from === undefined ? [] : [from.at]), ...(until === undefined ? [] : [until - 1])]
  return bounds.length === 0 ? '+inf' : Math.min(...bounds)
}

/** Negative where `a` comes first in a list with the oldest first. */
const compare = (a: Place, b: Place): number => a.at !== b.at ? a.at - b.at : a.id < b.id ? -1 : a.id > b.id ? 1 : 0

/** The places of several lists as one, each once, from the cursor on. */
export async function * readPlaces (reads: Redis, lists: string[], range: Omit<ListRange, 'limit'>): AsyncGenerator<Place, void, undefined> {
  const sign = range.order === 'asc' ? 1 : -1
  const readers = lists.map((name) => readList(reads, name, range, sign))
  const heads = await Promise.all(readers.map((reader) => reader.next()))
  for (;;) {
    const [first] = heads.flatMap(({ value }) => value === undefined ? [] : [value]).sort((a, b) => sign * compare(a, b))
    if (first === undefined) return
    yield first
    for (const [i, head] of heads.entries()) if (head.value?.id === first.id) heads[i] = await (readers[i] as typeof readers[number]).next()
  }
}

async function * readList (reads: Redis, name: string, { cursor, since, until }: Omit<ListRange, 'limit'>, sign: 1 | -1): AsyncGenerator<Place, void, undefined> {
  const from = cursor === undefined ? undefined : readCursor(cursor)
  for (let read = 0; ; read += LIST_PIECE) {
    const found = sign === 1
      ? await reads.zrangebyscore(name, Math.max(from?.at ?? 0, since ?? 0), highest(undefined, until), 'WITHSCORES', 'LIMIT', read, LIST_PIECE)
      : await reads.zrevrangebyscore(name, highest(from, until), since ?? '-inf', 'WITHSCORES', 'LIMIT', read, LIST_PIECE)
    for (const place of toPlaces(found)) if (from === undefined || sign * compare(place, from) > 0) yield place
    if (found.length < LIST_PIECE * 2) return
  }
}

/** The next ones, as many as there are up to `count`. The rest stays where it is. */
export async function take (places: AsyncGenerator<Place, void, undefined>, count: number): Promise<Place[]> {
  const taken: Place[] = []
  while (taken.length < count) {
    const { value } = await places.next()
    if (value === undefined) break
    taken.push(value)
  }
  return taken
}
