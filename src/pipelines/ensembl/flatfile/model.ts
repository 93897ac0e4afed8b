import type { Span } from '../sequence/gene.ts'

/** A translation as flat files tell it: spans in the order in which they are read, the stop codon included. */
export type FlatCoding = {
  id: string
  spans: Span[]
  /** Bases before the first whole codon. */
  phase: number
  table: number
  protein: string
  hasStop: boolean
  isPartial: boolean
  /** Records of other databases, `DATABASE:ACCESSION`. */
  xrefs?: string[] | undefined
  /** Residues that the genetic code does not tell: where its codon lies, and the letter. */
  excepts: Array<{ start: number, end: number, strand: 1 | -1, letter: string }>
}

export type FlatTranscript = {
  id: string
  biotype: string
  region: string
  start: number
  end: number
  strand: 1 | -1
  exons: Span[]
  xrefs?: string[] | undefined
  coding: FlatCoding | undefined
}

export type FlatGene = {
  id: string
  biotype: string
  symbol: string | undefined
  description: string | undefined
  xrefs?: string[] | undefined
  region: string
  start: number
  end: number
  strand: 1 | -1
  transcripts: FlatTranscript[]
}

/** `key` is what its genes name it by. */
export type FlatRegion = { key: string, name: string, word: string, length: number, isCircular: boolean }

/** What stands above the rows of all formats. */
export type FlatHead = { genome: string, assembly: string, lines: Array<[name: string, value: string]> }

/** Whether parts are not read in the order of their places on one strand. */
export function isOutOfOrder (spans: readonly Span[]): boolean {
  return spans.some(({ region, strand, start }, index) => {
    const before = spans[index - 1]
    return (
      before !== undefined &&
      (before.region !== region || before.strand !== strand || (start - before.start) * strand < 0)
    )
  })
}
