import { readValue } from './attributes.ts'
import type { Gff3Row } from './rows.ts'
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
  takeRow: (row: Gff3Row) => boolean
  /** A line such as `##sequence-region ctg123 1 1497228`. */
  takeDirective: (text: string) => void
  /** Puts down what was taken since the last time. */
  flush: () => Promise<void>
}

export const NO_NOTES: RegionNotes = { version: undefined, read: async function * () {} }

/**
 * `##sequence-region` tells where a region ends, a row such as `ID=chromosome:1` what it is called,
 * `Is_circular=true` that it is a circle.
 */
export function takeRegionNotes (spool: Spool): RegionNoteTaker {
  let version: string | undefined
  let taken: RegionNote[] = []
  return {
    get version () { return version },
    read: async function * () {
      for await (const lines of spool.lines()) yield lines.map((line) => JSON.parse(line) as RegionNote)
    },
    takeDirective: (text) => {
      const [directive, first, , third] = text.trim().split(/\s+/)
      if (first === undefined) return
      if (directive === '#!genome-version') version = first
      if (directive === '##sequence-region' && third !== undefined) {
        taken.push({ region: first, tells: 'end', end: Number(third) })
      }
    },
    takeRow: (row) => {
      if (!isOfRegion(row)) return false
      const { type, region, attributes } = row
      if (type !== 'region') taken.push({ region, tells: 'word', word: type })
      if (readValue(attributes, 'Is_circular')?.toLowerCase() === 'true') taken.push({ region, tells: 'circular' })
      return true
    },
    flush: async () => {
      for (const note of taken) await spool.add(JSON.stringify(note))
      taken = []
    }
  }
}

/** Whether a row tells of a region: its ID is `chromosome:1` on 1, or that is its type. */
export function isOfRegion ({ type, region, attributes }: Gff3Row): boolean {
  return type === 'region' || readValue(attributes, 'ID') === `${type}:${region}`
}
