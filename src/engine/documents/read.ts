import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Document } from '../../ledger/contract.ts'

/** A document as it was read, and by which revision a change of it is guarded. */
export type Stored<T> = { rev: number, value: T, counts: Record<string, number> }

/**
 * A reader of documents of one shape: undefined where there is none. Every shape has a version, so
 * that a release meets no document of another one unawares.
 */
export function createReader<S extends TSchema> (
  schema: S,
  kind: string
): (found: Document | undefined) => Stored<Static<S>> | undefined {
  const shape = Compile(schema)
  return (found) => {
    if (found?.value === undefined || found.value === null) return undefined
    const { rev, value, counts } = found
    if (!shape.Check(value)) {
      throw new Error(
        `a document of the ledger is no ${kind} of this version: ${JSON.stringify(value).slice(0, 200)}`
      )
    }
    return { rev, value, counts }
  }
}

/** The revision to expect, whether or not there is a document. */
export const revOf = (found: { rev: number } | undefined): number => found?.rev ?? 0

export const countOf = (found: { counts: Record<string, number> } | undefined, field: string): number =>
  found?.counts[field] ?? 0
