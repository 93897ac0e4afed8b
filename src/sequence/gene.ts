import type { ResidueEdit } from './translate.ts'

/** 1-based, inclusive, on the forward strand. On a circular region `end` may lie beyond the length of the region. */
export type Span = { region: string, start: number, end: number, strand: 1 | -1 }

/** Ids are as they are printed, with `.version` where there is one. */
export type Gene = { id: string, biotype: string, symbol?: string, description?: string }

/** `spans` and `exons` are in the order in which they are joined. */
export type Translation = {
  id: string
  spans: Span[]
  /** How many N stand for missing bases before the first. */
  prefix: number
  /** NCBI number, where the annotation itself names one. */
  codonTable?: number
  edits: ResidueEdit[]
}

export type Transcript = Span & { id: string, biotype: string, gene: Gene, exons: Span[], translation?: Translation }
