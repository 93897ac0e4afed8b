import type { Page } from '../answers.ts'

/** The items of all pages. */
export async function * pages<T> (
  read: (cursor: string | undefined) => Promise<Page<T>>
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined
  do {
    const { items, next } = await read(cursor)
    yield * items
    cursor = next ?? undefined
  } while (cursor !== undefined)
}

export const toInstant = (time: string | Date | undefined): string | undefined =>
  time instanceof Date ? time.toISOString() : time
