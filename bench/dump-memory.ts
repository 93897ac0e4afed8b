import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { watch } from './watch.ts'

const SIZES = [10_000, 1_000_000, 10_000_000]
const LETTERS = 60
const CHROMOSOMES = 10
const BASES = 2_000_000
/** Bases from the beginning of one gene to that of the next, one after the other and again from the first base. */
const STEP = 700
const EXONS = 10
/** A gene, its transcript, its exons and the parts of its CDS. */
const ROWS = 2 + 2 * EXONS

/**
 * The greatest resident memory of the dumps, by the number of records of a FASTA and of rows of a GFF3: of one that has
 * gene after gene, and of one that has all genes before all transcripts before all else. `--quick` leaves out the
 * longest.
 */
async function main (sizes: number[]): Promise<void> {
  for (const size of sizes) {
    await measure('dump_dna', `${size} records`, async (folder) => {
      await write(join(folder, 'genome.fa'), records(size))
      return { fasta: join(folder, 'genome.fa') }
    })
    for (const [order, rows] of [['gene after gene', byGene], ['sorted by type', byType]] as const) {
      await measure('dump_peptide', `${size} rows, ${order}`, async (folder) => {
        await write(join(folder, 'genome.fa'), chromosomes())
        await write(join(folder, 'genes.gff3'), rows(Math.ceil(size / ROWS)))
        return { fasta: join(folder, 'genome.fa'), gff3: join(folder, 'genes.gff3') }
      })
    }
  }
}

async function measure (name: string, what: string, make: (folder: string) => Promise<object>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  try {
    const params = { assembly: 'M1', ...await make(folder) }
    const load = loadavg()[0]!
    const child = fileURLToPath(new URL('./dump-child.js', import.meta.url))
    const { seconds, cpuSeconds, peakMb } = await watch(process.execPath, [child, name, folder, JSON.stringify(params), '{}'])
    process.stdout.write(`${name.padEnd(13)} ${what.padEnd(32)} ${peakMb.toFixed(0).padStart(5)} MB ${seconds.toFixed(1).padStart(7)} s ${cpuSeconds.toFixed(1).padStart(7)} s CPU  load before ${load.toFixed(1)}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function write (path: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(path)
  let held = ''
  for (const line of lines) {
    held += line
    if (held.length < 1 << 20) continue
    if (!file.write(held)) await once(file, 'drain')
    held = ''
  }
  file.end(held)
  await once(file, 'close')
}

/** Letters without repeats that gzip could find at once. */
function * letters (lines: number): Generator<string> {
  let state = 20_240_611
  for (let line = 0; line < lines; line++) {
    let text = ''
    for (let at = 0; at < LETTERS; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      text += 'ACGT'[state >>> 30]
    }
    yield `${text}\n`
  }
}

function * records (count: number): Generator<string> {
  let record = 0
  for (const line of letters(count)) yield `>scaffold_${++record} dna:scaffold\n${line}`
}

function * chromosomes (): Generator<string> {
  for (let chromosome = 1; chromosome <= CHROMOSOMES; chromosome++) {
    yield `>${chromosome}\n`
    yield * letters(BASES / LETTERS)
  }
}

function * byGene (genes: number): Generator<string> {
  yield '##gff-version 3\n'
  for (let gene = 0; gene < genes; gene++) yield geneRow(gene, genes) + transcriptRow(gene, genes) + partRows(gene, genes)
}

function * byType (genes: number): Generator<string> {
  yield '##gff-version 3\n'
  for (const rowsOf of [geneRow, transcriptRow, partRows]) for (let gene = 0; gene < genes; gene++) yield rowsOf(gene, genes)
}

function placeOf (gene: number, genes: number): { region: number, start: number } {
  const perChromosome = Math.ceil(genes / CHROMOSOMES)
  return { region: 1 + Math.floor(gene / perChromosome), start: 1 + (gene % perChromosome) * STEP % (BASES - STEP) }
}

function row (gene: number, genes: number, [type, from, to, phase, attributes]: [string, number, number, string, string]): string {
  const { region, start } = placeOf(gene, genes)
  return `${region}\tmade\t${type}\t${start + from}\t${start + to}\t.\t+\t${phase}\t${attributes}\n`
}

function geneRow (gene: number, genes: number): string {
  return row(gene, genes, ['gene', 0, 59 * EXONS, '.', `ID=gene:G${gene};biotype=protein_coding;gene_id=G${gene};version=1`])
}

function transcriptRow (gene: number, genes: number): string {
  return row(gene, genes, ['mRNA', 0, 59 * EXONS, '.', `ID=transcript:T${gene};Parent=gene:G${gene};biotype=protein_coding;transcript_id=T${gene}`])
}

function partRows (gene: number, genes: number): string {
  const spans = Array.from({ length: EXONS }, (_, exon): [number, number] => [exon * 59, exon * 59 + 29])
  return spans.map(([from, to], exon) => row(gene, genes, ['exon', from, to, '.', `Parent=transcript:T${gene};rank=${exon + 1}`])).join('') +
    spans.map(([from, to]) => row(gene, genes, ['CDS', from, to, '0', `ID=CDS:P${gene};Parent=transcript:T${gene};protein_id=P${gene}`])).join('')
}

await main(process.argv.includes('--quick') ? SIZES.slice(0, 2) : SIZES)
