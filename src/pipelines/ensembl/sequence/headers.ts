import type { Prediction, Span, Transcript } from './gene.ts'

/** Names of a coordinate system and its version, such as `chromosome` and `GRCh38`; no version for a bare contig. */
export type CoordSystem = { name: string, version: string }

export type DnaType = 'dna' | 'dna_sm' | 'dna_rm'

/**
 * `kind` is REF, or the type of exception for a region that is not part of the reference. As in Ensembl's dumps of
 * release 114.
 */
export type DnaRegion = { name: string, start: number, end: number, coordSystem: CoordSystem, kind: string }

export function dnaHeader (type: DnaType, { name, start, end, coordSystem, kind }: DnaRegion): string {
  return `${name} ${type}:${coordSystem.name} ${coordSystem.name}:${coordSystem.version}:${name}:${start}:${end}:1 ${kind}`
}

/** A region as headers name it. */
export type Place = { name: string, coordSystem: CoordSystem }

export function transcriptHeader (type: 'cdna' | 'cds' | 'ncrna', transcript: Transcript, place: Place): string {
  return `${transcript.id} ${type} ${location(transcript, place)} gene:${transcript.gene.id} ${biotypes(transcript)}`
}

export function peptideHeader (id: string, transcript: Transcript, place: Place): string {
  return `${id} pep ${location(transcript, place)} gene:${transcript.gene.id} transcript:${transcript.id} ${biotypes(transcript)}`
}

export function predictionHeader (type: 'cdna' | 'pep', prediction: Prediction, place: Place): string {
  const transcript = type === 'pep' ? ` transcript:${prediction.id}` : ''
  return `${prediction.id} ${type} ${location(prediction, place)}${transcript} transcript_biotype:protein_coding`
}

function location ({ start, end, strand }: Span, { name, coordSystem }: Place): string {
  return `${coordSystem.name}:${coordSystem.version}:${name}:${start}:${end}:${strand}`
}

function biotypes ({ biotype, gene }: Transcript): string {
  const symbol = gene.symbol === undefined ? '' : ` gene_symbol:${gene.symbol}`
  const description = gene.description === undefined ? '' : ` description:${gene.description}`
  return `gene_biotype:${gene.biotype} transcript_biotype:${biotype}${symbol}${description}`
}
