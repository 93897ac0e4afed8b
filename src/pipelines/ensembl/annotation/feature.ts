import type { Gff3Row } from './rows.ts'

export type Strand = Gff3Row['strand']

/** A row of an exon, a CDS or an untranslated part. */
export type Part = {
  line: number
  type: string
  region: string
  start: number
  end: number
  strand: Strand
  phase: number
  rank: number | undefined
  /** It says that its transcript is trans-spliced. */
  isSpliced: boolean
  /** Column 9. */
  attributes: string
}

/** What lies in a feature, each kind in file order. */
export type Parts = { exons: Part[], cds: Part[], untranslated: Part[], stops: Part[], selenocysteines: Part[] }

/** A gene or a transcript: one row that has an ID, or several of one ID. */
export type Feature = {
  id: string
  type: string
  parents: readonly string[]
  region: string
  start: number
  end: number
  strand: Strand
  /** Column 9 of its first row. */
  attributes: string
  /** Its first row. */
  line: number
  rows: number
  /** Whether its rows lie apart from each other. */
  isScattered: boolean
  /** A gene and its transcript of one ID are one feature; this is the column 9 of the transcript. */
  ownTranscript?: string
}

/** A row that goes to no transcript, and why. */
export type LeaveOut = (type: string, reason: string, rows?: number) => void

/** Trans-splicing is said by the attribute `exception`. */
export function saysTransSpliced (attributes: string): boolean {
  return attributes.includes('exception=') && /(?:^|;)\s*exception=[^;]*trans[-_ ]?splic/i.test(attributes)
}
