import type { Redis } from 'ioredis'
import { isCancelled } from '../../engine/record.ts'
import type { ListPage, ListRange, StoredJob } from '../contract.ts'
import { readCursor, writeCursor, type Place } from '../cursor.ts'
import { highest, toPlaces } from './places.ts'

type Source = {
  reads: Pick<Redis, 'zrevrangebyscore'>
  /** BullMQ's sorted set of the failed jobs of a queue; the score is the time of the failure. */
  setOf: (queue: string) => string
  fetch: (keys: Array<{ queue: string, id: string }>) => Promise<Array<StoredJob | undefined>>
}

type Queued = Place & { queue: string }

/** Ids that are read of a queue at once, and jobs that are looked at for one page: a rare match ends a page early. */
const PIECE = 100
const MAX_READ = 1000

/** The failed jobs of several queues as one list, newest failure first. */
export async function readFailed ({ reads, setOf, fetch }: Source, queues: string[], name: string | undefined, { limit, cursor, since, until }: ListRange): Promise<ListPage> {
  const from = cursor === undefined ? undefined : readCursor(cursor)
  const top = highest(from, until)
  const sets = queues.map((queue) => createSet(queue))

  function createSet (queue: string): { fill: () => Promise<void>, buffer: Queued[] } {
    let offset = 0
    let isRead = false
    const buffer: Queued[] = []
    return {
      buffer,
      fill: async () => {
        while (buffer.length === 0 && !isRead) {
          const found = toPlaces(await reads.zrevrangebyscore(setOf(queue), top, since ?? '-inf', 'WITHSCORES', 'LIMIT', offset, PIECE))
          offset += PIECE
          isRead = found.length < PIECE
          buffer.push(...found.filter((place) => from === undefined || isAfter(place, from)).map((place) => ({ ...place, queue })))
        }
      }
    }
  }

  /** The next of all sets. Only a set that has run out is read on. */
  async function nextPiece (): Promise<Queued[]> {
    const piece: Queued[] = []
    while (piece.length < PIECE) {
      await Promise.all(sets.filter(({ buffer }) => buffer.length === 0).map(({ fill }) => fill()))
      const first = sets.reduce<typeof sets[number] | undefined>((best, set) => {
        const [place] = set.buffer
        return place !== undefined && (best?.buffer[0] === undefined || isAfter(best.buffer[0], place)) ? set : best
      }, undefined)
      const place = first?.buffer.shift()
      if (place === undefined) break
      piece.push(place)
    }
    return piece
  }

  const items: StoredJob[] = []
  const after: string[] = []
  let last: Place | undefined
  for (let read = 0; read < MAX_READ; read += PIECE) {
    const piece = await nextPiece()
    const jobs = await fetch(piece)
    for (const [i, place] of piece.entries()) {
      const job = jobs[i]
      // One that runs again since its id was read has not failed.
      if (job?.state === 'failed' && !isCancelled(job.failedReason) && (name === undefined || job.name === name)) {
        if (items.length === limit) return { items, after, next: last && writeCursor(last) }
        items.push(job)
        after.push(writeCursor(place))
      }
      last = place
    }
    if (piece.length < PIECE) return { items, after, next: undefined }
  }
  return { items, after, next: last && writeCursor(last) }
}

/** Whether `place` comes after `other` in a list that is ordered newest first. */
const isAfter = (place: Place, other: Place): boolean => place.at < other.at || (place.at === other.at && place.id < other.id)
