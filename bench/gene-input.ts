import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export type GeneInput = { fasta: string, gff3: string, transcripts: number, exons: number, bases: number }

export type GeneInputSize = { chromosomes: number, bases: number, genesPerChromosome: number }

/** A made-up genome with genes of 1 to 12 exons, every second one of two transcripts; the same at every call. */
export async function writeGeneInput (folder: string, { chromosomes, bases, genesPerChromosome }: GeneInputSize): Promise<GeneInput> {
  const input = { fasta: join(folder, 'genome.fa'), gff3: join(folder, 'genes.gff3'), transcripts: 0, exons: 0, bases: chromosomes * bases }
  const random = createRandom()
  await pipeline(fasta, createWriteStream(input.fasta))
  await pipeline(gff3, createWriteStream(input.gff3))
  return input

  function * fasta (): Generator<string> {
    for (let chromosome = 1; chromosome <= chromosomes; chromosome++) {
      yield `>${chromosome}\n`
      for (let at = 0; at < bases; at += 60) yield `${letters(Math.min(60, bases - at))}\n`
    }
  }

  function letters (length: number): string {
    let text = ''
    for (let at = 0; at < length; at++) text += 'ACGT'[random() >>> 30]!
    return text
  }

  function * gff3 (): Generator<string> {
    yield '##gff-version 3\n#!genome-version B1\n'
    for (let chromosome = 1; chromosome <= chromosomes; chromosome++) {
      yield `${chromosome}\tB1\tchromosome\t1\t${bases}\t.\t.\t.\tID=chromosome:${chromosome}\n`
      for (let gene = 0; gene < genesPerChromosome; gene++) yield geneRows(chromosome, gene)
    }
  }

  function geneRows (chromosome: number, gene: number): string {
    const room = Math.floor(bases / genesPerChromosome)
    const id = `B${chromosome}${String(gene).padStart(6, '0')}`
    const strand = random() >>> 31 === 0 ? '+' : '-'
    const exons: Array<[start: number, end: number]> = []
    let at = gene * room + 1
    for (let left = 1 + random() % 12; left > 0; left--) {
      const end = at + 80 + random() % 200
      if (end > (gene + 1) * room) break
      exons.push([at, end])
      at = end + 50 + random() % 150
    }
    const start = gene * room + 1
    const end = exons.at(-1)![1]
    const row = (type: string, from: number, to: number, phase: number | '.', attributes: string): string => `${chromosome}\tbench\t${type}\t${from}\t${to}\t.\t${strand}\t${phase}\t${attributes}\n`
    const transcript = (name: string): string => {
      input.transcripts++
      input.exons += exons.length
      const ordered = strand === '+' ? exons : [...exons].reverse()
      return row('mRNA', start, end, '.', `ID=transcript:${name};Parent=gene:${id};biotype=protein_coding;transcript_id=${name};version=1`) +
        ordered.map(([from, to], index) => row('exon', from, to, '.', `Name=${name}E${index};Parent=transcript:${name};ensembl_phase=0;exon_id=${name}E${index};rank=${index + 1};version=1`)).join('') +
        ordered.map(([from, to]) => row('CDS', from, to, 0, `ID=CDS:${name}P;Parent=transcript:${name};protein_id=${name}P;version=1`)).join('')
    }
    return row('gene', start, end, '.', `ID=gene:${id};Name=bench${gene};biotype=protein_coding;description=made up for the benchmark;gene_id=${id};version=1`) +
      transcript(`${id}T1`) + (gene % 2 === 0 ? transcript(`${id}T2`) : '')
  }
}

/** Whole numbers below 2^32, always the same ones. */
function createRandom (): () => number {
  let state = 20_240_611
  return () => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d)
    state = Math.imul(state ^ state >>> 12, 0x297a2d39) + 0x9e3779b9
    return (state ^ state >>> 15) >>> 0
  }
}
