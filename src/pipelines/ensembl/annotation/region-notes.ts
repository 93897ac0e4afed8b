import type { Gff3Row } from './gff3.ts'
import { readValue } from './attributes.ts'
import type { Spool } from './spool.ts'

/** What an annotation tells of one region, whose name is that of column 1. */
export type RegionNote =
  | { region: string, tells: 'word', word: string }
  | { region: string, tells: 'circular' }
  | { region: string, tells: 'end', end: number }

/** What an annotation tells of regions, of which there may be millions. */
export interface RegionNotes {
  /** `#!genome-version`, where there is one. */
  readonly version: string | undefined
  read: () => AsyncGenerator<RegionNote[]>
}

export interface RegionNoteTaker extends RegionNotes {
  /** Whether the row tells of a region and is no gene. */
  takeRow: (row: Gff3Row) => Promise<boolean> | boolean
  takeDirective: (directive: string, words: readonly string[]) => Promise<void> | undefined
}

export const NO_NOTES: RegionNotes = { version: undefined, read: async function * () {} }

/**
 * `##sequence-region` tells where a region ends, a row such as `ID=chromosome:1` what it is called,
 * `Is_circular=true` that it is a circle.
 */
export function takeRegionNotes (spool: Spool): RegionNoteTaker {
  let version: string | undefined
  const add = (note: RegionNote): Promise<void> | undefined => spool.add(JSON.stringify(note))
  return {
    get version () { return version },
    read: async function * () {
      for await (const lines of spool.lines()) yield lines.map((line) => JSON.parse(line) as RegionNote)
    },
    takeDirective: (directive, words) => {
      const [first, , third] = words
      if (first === undefined) return undefined
      if (directive === '#!genome-version') version = first
      return directive === '##sequence-region' && third !== undefined
        ? add({ region: first, tells: 'end', end: Number(third) })
        : undefined
    },
    takeRow: ({ type, region, attributes }) => {
      const isNamed = readValue(attributes, 'ID') === `${type}:${region}`
      if (!isNamed && type !== 'region') return false
      const isCircular = readValue(attributes, 'Is_circular')?.toLowerCase() === 'true'
      const notes: RegionNote[] = [
        ...isNamed && type !== 'region' ? [{ region, tells: 'word', word: type } as const] : [],
        ...isCircular ? [{ region, tells: 'circular' } as const] : []
      ]
      return notes.length === 0 ? true : Promise.all(notes.map(add)).then(() => true)
    }
  }
}
