import type { MadeGene } from './gene-input.ts'

/** The rows of a gene as Ensembl's files have them. */
export function gff3OfGene ({ chromosome, id, number, strand, exons, transcripts }: MadeGene): string {
  const sign = strand === 1 ? '+' : '-'
  const ordered = strand === 1 ? exons : [...exons].reverse()
  const start = exons[0]![0]
  const end = exons.at(-1)![1]
  const row = (type: string, from: number, to: number, phase: number | '.', attributes: string): string => `${chromosome}\tbench\t${type}\t${from}\t${to}\t.\t${sign}\t${phase}\t${attributes}\n`
  return row('gene', start, end, '.', `ID=gene:${id};Name=bench${number};biotype=protein_coding;description=made up for the benchmark;gene_id=${id};version=1`) +
    transcripts.map((name) => row('mRNA', start, end, '.', `ID=transcript:${name};Parent=gene:${id};biotype=protein_coding;transcript_id=${name};version=1`) +
      ordered.map(([from, to], index) => row('exon', from, to, '.', `Name=${name}E${index};Parent=transcript:${name};ensembl_phase=0;exon_id=${name}E${index};rank=${index + 1};version=1`)).join('') +
      ordered.map(([from, to]) => row('CDS', from, to, 0, `ID=CDS:${name}P;Parent=transcript:${name};protein_id=${name}P;version=1`)).join('')).join('')
}
