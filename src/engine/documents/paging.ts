import { errors } from '../../base/errors.ts'
import { ahead } from '../../base/limit.ts'
import type { Entered, Ledger, Page } from '../../ledger/contract.ts'

/** Read at once, when the first read has shown that not all will match. */
const PIECE = 100
/** Parts that are under way ahead of the one that is taken in. */
const AHEAD = 5
/** What a page may take where much is read and little matches. */
const READ_MS = 1000

/**
 * `since` (at that time or later) and `until` (before it) are milliseconds; newest first unless `order` says otherwise.
 * `piece`: members that are read at once, where most will match.
 */
export type Range = {
  limit: number
  cursor?: string | undefined
  since?: number | undefined
  until?: number | undefined
  order?: 'asc' | 'desc' | undefined
  piece?: number | undefined
}

export type Paged<T> = { items: T[], next: string | null }

/**
 * Reads a list of the ledger, or several as if they were one, until `limit` members match, it ends, or the time is up;
 * `next` is where to go on. `pick` answers for each member, in their order, what is to be kept of it; undefined where
 * it does not match.
 */
export async function readPages<T> (
  ledger: Pick<Ledger, 'list'>,
  sets: string | string[],
  range: Range,
  pick: (members: Entered[]) => Promise<Array<T | undefined>>
): Promise<Paged<T>> {
  const { limit, cursor, piece: most = PIECE } = range
  const items: T[] = []
  const end = Date.now() + READ_MS
  let after = cursor === undefined ? undefined : readCursor(cursor)
  let piece = Math.min(most, limit + 1)
  do {
    const { members, isLast } = await listMerged(ledger, [sets].flat(), { ...boundsOf(range), after, limit: piece })
    const picked = await pick(members)
    for (const [i, member] of members.entries()) {
      const item = picked[i]
      if (item !== undefined && items.length === limit) return { items, next: writeCursor(after ?? member) }
      if (item !== undefined) items.push(item)
      after = member
    }
    if (isLast) return { items, next: null }
    piece = most
  } while (Date.now() < end)
  return { items, next: after === undefined ? null : writeCursor(after) }
}

/**
 * A page of several lists in which a member has the same score; one that stands in several comes once. They are read in
 * their order, so that one that goes from a list to a later one meanwhile is not missed.
 */
async function listMerged (
  ledger: Pick<Ledger, 'list'>,
  sets: string[],
  page: Page & { limit: number }
): Promise<{ members: Entered[], isLast: boolean }> {
  const { limit, reverse = false } = page
  const pages: Entered[][] = []
  for (const set of sets) pages.push(await ledger.list(set, page))
  const [only] = pages
  if (pages.length === 1 && only !== undefined) return { members: only, isLast: only.length < limit }
  const found = new Map(pages.flat().map((entered) => [entered[1], entered]))
  const merged = [...found.values()].sort((a, b) => reverse ? byPlace(b, a) : byPlace(a, b))
  // What comes after the end of a page that was full may stand before the end of another one.
  const isLast = merged.length <= limit && pages.every(({ length }) => length < limit)
  return { members: merged.slice(0, limit), isLast }
}

/** Keys are plain letters: their order is that of their code points. */
function byPlace ([scoreA, a]: Entered, [scoreB, b]: Entered): number {
  if (scoreA !== scoreB) return scoreA - scoreB
  return a < b ? -1 : 1
}

/**
 * Many documents, asked for in parts, of which few are under way: the datastore reads the next ones while one is taken
 * in.
 */
export async function readInParts<T> (names: string[], read: (part: string[]) => Promise<T[]>): Promise<T[]> {
  const parts: string[][] = []
  for (let at = 0; at < names.length; at += PIECE) parts.push(names.slice(at, at + PIECE))
  const all: T[][] = []
  for await (const found of ahead(parts, AHEAD, read)) all.push(found)
  return all.flat()
}

/** All members of a list, by pieces, at most `most`. */
export async function readAll (ledger: Pick<Ledger, 'list'>, set: string, most: number): Promise<string[]> {
  const all: string[] = []
  let after: Entered | undefined
  while (all.length < most) {
    const members = await ledger.list(set, { after, limit: Math.min(PIECE * 10, most - all.length) })
    all.push(...members.map(([, member]) => member))
    after = members.at(-1)
    if (members.length < PIECE * 10) break
  }
  return all
}

function boundsOf ({ since, until, order = 'desc' }: Range): Page {
  return { reverse: order === 'desc', min: since, max: until === undefined ? undefined : until - 1 }
}

const writeCursor = ([score, member]: Entered): string => Buffer.from(`${score} ${member}`).toString('base64url')

/** @throws INVALID_QUERY where it was not made here */
function readCursor (cursor: string): Entered {
  const [, score, member] = /^(-?\d{1,15}) (\P{C}{1,600})$/u.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (score === undefined || member === undefined) {
    throw errors.invalidQuery('cursor', 'is not the `next` of a page of this list')
  }
  return [Number(score), member]
}
