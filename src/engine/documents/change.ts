import type { TSchema, Static } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import { createReader, revOf } from './read.ts'

/** Documents of one kind that are changed as a whole: what is kept of backfills, schedules, blocks. */
export interface Documents<T> {
  read: (names: string[]) => Promise<Array<T | undefined>>
  /**
   * Reads, changes and writes, again where somebody else was faster. `change` may be called more than once; it answers
   * the same value where nothing is to be written, and undefined where the document is to go. Answers what is there
   * then.
   */
  change: (name: string, change: (before: T | undefined) => T | undefined) => Promise<T | undefined>
}

export function createDocuments<S extends TSchema> (
  ledger: Pick<Ledger, 'get' | 'commit'>,
  schema: S,
  kind: string
): Documents<Static<S> & object> {
  const reader = createReader(schema, kind)
  const read = async (names: string[]) =>
    (await ledger.get(names)).map((found) => reader(found)?.value as (Static<S> & object) | undefined)
  return {
    read,
    change: async (name, change) => {
      for (;;) {
        const [found] = await ledger.get([name])
        const before = reader(found)?.value as (Static<S> & object) | undefined
        const after = change(before)
        if (after === before) return before
        const expect = [{ doc: name, rev: revOf(found) }]
        const { ok } = await ledger.commit(
          after === undefined ? { expect, remove: [name] } : { expect, put: [{ doc: name, value: after }] }
        )
        if (ok) return after
      }
    }
  }
}
