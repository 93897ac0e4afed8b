import type { ListPage, ListRange, StoredJob } from '../../queues/contract.ts'

/** Read at once, when the first read has shown that not all will match. */
const PIECE = 100
/** What a page may take where much is read and little matches. */
const READ_MS = 1000

/**
 * Reads a list until `limit` items match, it ends, or the time is up; `next` is where to go on.
 * `pick` answers what is to be kept of a job, undefined where it does not match.
 */
export async function readMatching<T> (
  read: (range: ListRange) => Promise<ListPage>,
  pick: (job: StoredJob) => T | undefined,
  { limit, cursor, ...range }: ListRange
): Promise<{ items: T[], next: string | null }> {
  const items: T[] = []
  const end = Date.now() + READ_MS
  let piece = Math.min(PIECE, limit)
  let next = cursor
  do {
    const page = await read({ ...range, limit: piece, cursor: next })
    piece = PIECE
    for (const [i, job] of page.items.entries()) {
      const picked = pick(job)
      if (picked === undefined) continue
      if (items.length === limit) return { items, next: next ?? null }
      items.push(picked)
      next = page.after[i]
    }
    // Full, and nothing that is known to match is left: only what follows the page can be.
    next = page.next
  } while (next !== undefined && items.length < limit && Date.now() < end)
  return { items, next: next ?? null }
}
