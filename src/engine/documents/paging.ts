import { errors } from '../../base/errors.ts'
import type { Entered, Ledger, Page } from '../../ledger/contract.ts'

/** Read at once, when the first read has shown that not all will match. */
const PIECE = 100
/** What a page may take where much is read and little matches. */
const READ_MS = 1000

/**
 * `since` (at that time or later) and `until` (before it) are milliseconds; newest first unless `order` says otherwise.
 */
export type Range = {
  limit: number
  cursor?: string | undefined
  since?: number | undefined
  until?: number | undefined
  order?: 'asc' | 'desc' | undefined
}

export type Paged<T> = { items: T[], next: string | null }

/**
 * Reads a list of the ledger until `limit` members match, it ends, or the time is up; `next` is where to go on.
 * `pick` answers for each member, in their order, what is to be kept of it; undefined where it does not match.
 */
export async function readPages<T> (
  ledger: Pick<Ledger, 'list'>,
  set: string,
  range: Range,
  pick: (members: Entered[]) => Promise<Array<T | undefined>>
): Promise<Paged<T>> {
  const { limit, cursor } = range
  const items: T[] = []
  const end = Date.now() + READ_MS
  let after = cursor === undefined ? undefined : readCursor(cursor)
  let piece = Math.min(PIECE, limit + 1)
  do {
    const members = await ledger.list(set, { ...boundsOf(range), after, limit: piece })
    const picked = await pick(members)
    for (const [i, member] of members.entries()) {
      const item = picked[i]
      if (item !== undefined && items.length === limit) return { items, next: writeCursor(after ?? member) }
      if (item !== undefined) items.push(item)
      after = member
    }
    if (members.length < piece) return { items, next: null }
    piece = PIECE
  } while (Date.now() < end)
  return { items, next: after === undefined ? null : writeCursor(after) }
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
