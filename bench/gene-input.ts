import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { gff3OfGene } from './gene-gff3.ts'
import { tableNames, tableRows, tables } from './gene-tables.ts'

export type GeneInputSize = { chromosomes: number, bases: number, genesPerChromosome: number }

/** `tables` is a folder with a core database, as table.sql and TABLE.txt. */
export type GeneInput = { fasta: string, gff3: string, tables: string, transcripts: number, exons: number, bases: number }

/** A made-up gene of one or two transcripts, all of whose exons code. `exons` by coordinate. */
export type MadeGene = { chromosome: number, id: string, number: number, strand: 1 | -1, exons: Array<[start: number, end: number]>, transcripts: string[] }

/** Writes one genome with its genes in both forms; the same at every call. */
export async function writeGeneInput (folder: string, { chromosomes, bases, genesPerChromosome }: GeneInputSize): Promise<GeneInput> {
  const input = { fasta: join(folder, 'genome.fa'), gff3: join(folder, 'genes.gff3'), tables: join(folder, 'core') }
  mkdirSync(input.tables)
  const random = createRandom()
  const genes = Array.from({ length: chromosomes * genesPerChromosome }, (_, number) => makeGene(number))
  await pipeline(function * () {
    yield '##gff-version 3\n#!genome-version B1\n'
    for (let chromosome = 1; chromosome <= chromosomes; chromosome++) yield `${chromosome}\tB1\tchromosome\t1\t${bases}\t.\t.\t.\tID=chromosome:${chromosome}\n`
    for (const gene of genes) yield gff3OfGene(gene)
  }, createWriteStream(input.gff3))
  await pipeline([tables], createWriteStream(join(input.tables, 'table.sql')))
  for (const name of tableNames) await pipeline(tableRows(name, genes, { chromosomes, bases }), createWriteStream(join(input.tables, `${name}.txt`)))
  const fasta = createWriteStream(input.fasta)
  const dna = createWriteStream(join(input.tables, 'dna.txt'))
  for (let chromosome = 1; chromosome <= chromosomes; chromosome++) {
    const sequence = letters(bases)
    fasta.write(`>${chromosome}\n${sequence.replace(/.{1,60}/g, '$&\n')}`)
    dna.write(`${chromosome}\t${sequence}\n`)
  }
  for (const file of [fasta, dna]) await new Promise((resolve) => { file.end(() => { resolve(undefined) }) })
  const transcripts = genes.reduce((sum, gene) => sum + gene.transcripts.length, 0)
  const exons = genes.reduce((sum, gene) => sum + gene.transcripts.length * gene.exons.length, 0)
  return { ...input, transcripts, exons, bases: chromosomes * bases }

  function letters (length: number): string {
    const text = Buffer.allocUnsafe(length)
    for (let at = 0; at < length; at++) text[at] = 'ACGT'.charCodeAt(random() >>> 30)
    return text.toString('latin1')
  }

  function makeGene (number: number): MadeGene {
    const room = Math.floor(bases / genesPerChromosome)
    const chromosome = 1 + Math.floor(number / genesPerChromosome)
    const first = (number % genesPerChromosome) * room
    const id = `B${String(number).padStart(7, '0')}`
    const exons: MadeGene['exons'] = []
    let at = first + 1
    for (let left = 1 + random() % 12; left > 0 && at + 280 <= first + room; left--) {
      const end = at + 80 + random() % 200
      exons.push([at, end])
      at = end + 50 + random() % 150
    }
    return { chromosome, id, number: number + 1, strand: random() >>> 31 === 0 ? 1 : -1, exons, transcripts: number % 2 === 0 ? [`${id}T1`, `${id}T2`] : [`${id}T1`] }
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
