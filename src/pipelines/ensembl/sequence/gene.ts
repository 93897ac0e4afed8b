import type { Edit } from './edits.ts'

/**
 * 1-based, inclusive, on the forward strand. `region` is what its sequence is asked for by: the name of a FASTA
 * record, the `seq_region_id` of a database. On a circular region `end` may lie beyond its length, or before `start`.
 */
export type Span = { region: string, start: number, end: number, strand: 1 | -1 }

/** Ids are as they are printed, with `.version` where there is one. */
export type Gene = {
  id: string
  biotype: string
  symbol?: string | undefined
  description?: string | undefined
  /** Records of other databases, `DATABASE:ACCESSION`: read for flat files only. */
  xrefs?: string[] | undefined
}

/**
 * From base `start` of one exon to base `end` of another; exons by their index, bases counted from 1 in the direction
 * of the transcript.
 */
export type ExonRange = { startExon: number, start: number, endExon: number, end: number }

export type Translation = {
  id: string
  /** Spans of its own, in the order in which they are joined; or a part of the transcript. */
  coding: Span[] | ExonRange
  /** How many N stand for missing bases before the first. */
  prefix: number
  /** NCBI number, where the annotation itself names one. */
  codonTable?: number | undefined
  /** Whether it begins before its sequence does: its first codon is no start. */
  isPartial?: boolean | undefined
  /** Of the protein. */
  edits: Edit[]
  xrefs?: string[] | undefined
}

/** Of the spliced sequence. `start` and `end` of the coding part in what comes out, where the annotation names them. */
export type RnaEdits = { edits: Edit[], start?: number, end?: number }

/** `exons` in the order in which they are joined. */
export type Transcript = Span & {
  id: string
  biotype: string
  gene: Gene
  exons: Span[]
  rna?: RnaEdits | undefined
  xrefs?: string[] | undefined
  translation?: Translation | undefined
}

/** A transcript as a program foresees it; `prefix` as of a translation. */
export type Prediction = Span & { id: string, exons: Span[], prefix: number }
