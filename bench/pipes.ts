import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDnaInput } from './dna-input.ts'
import { writeGeneInput } from './gene-input.ts'
import { sumOfSequences } from './sequences.ts'
import { watch, type Watched } from './watch.ts'

const ROUNDS = 3
const LENGTHS = [60_000_000, 20_000_000, 10_000_000, 10_000_000]
const GENES = { chromosomes: 5, bases: 20_000_000, genesPerChromosome: 4000 }
const THREADS = 2

/** One side of a comparison: what it runs, and the files that must hold the same sequences as those of the other side. */
type Side = { name: string, run: () => Promise<Watched>, files: () => string[] }
/** `skip`: letters at the beginning of each sequence of a file that the two sides make by other rules. */
type Comparison = { goal: number, dump: Side, pipe: Side, skip: (file: number) => number }

/**
 * The dumps beside the pipes that people put together for the same files, in turn, with a look at the content of both. A
 * ratio above 1 says that the dump is the faster one. `--quick` is a tenth of it, once.
 */
async function main (quick: boolean): Promise<void> {
  const missing = ['samtools', 'bgzip', 'gffread'].filter((name) => !existsSync(`/usr/bin/${name}`))
  if (missing.length > 0) throw new Error(`there is no ${missing.join(' and no ')} on this machine (Debian: apt-get install samtools tabix gffread)`)
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  try {
    for (const comparison of [await dnaComparison(folder, quick), await geneComparison(folder, quick)]) await compare(comparison, quick ? 1 : ROUNDS)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function dnaComparison (folder: string, quick: boolean): Promise<Comparison> {
  const input = await writeDnaInput(folder, quick ? LENGTHS.map((length) => length / 10) : LENGTHS)
  const regions = LENGTHS.map((_, index) => index + 1).join(' ')
  const output = join(folder, 'pipe.fa.gz')
  process.stdout.write(`${input.bases} bases\n`)
  return {
    goal: 0.8,
    skip: () => 0,
    dump: {
      name: 'dump_dna: dna, dna_sm, dna_rm, index',
      run: async () => await dump(folder, 'dump_dna', { fasta: input.fasta, division: 'EnsemblBench' }),
      files: () => filesOf(join(folder, 'store/bench/fasta/made_up/dna'), /\.dna_sm\.toplevel\./)
    },
    pipe: {
      name: `samtools faidx | bgzip -@${THREADS}: one of them`,
      run: async () => await shell(`rm -f ${input.fasta}.fai; samtools faidx ${input.fasta} ${regions} | bgzip -@${THREADS} -c > ${output}`),
      files: () => [output]
    }
  }
}

async function geneComparison (folder: string, quick: boolean): Promise<Comparison> {
  const inside = join(folder, 'genes')
  mkdirSync(inside)
  const input = await writeGeneInput(inside, quick ? { ...GENES, bases: 2_000_000, genesPerChromosome: 400 } : GENES)
  process.stdout.write(`${input.bases} bases, ${input.transcripts} transcripts with a protein each, ${input.exons} exons\n`)
  const outputs = ['y', 'x', 'w'].map((letter) => ({ letter, pipe: join(inside, `${letter}.pipe`), file: join(inside, `${letter}.fa.gz`) }))
  const begin = outputs.map(({ pipe, file }) => `rm -f ${pipe}; mkfifo ${pipe}; bgzip -c < ${pipe} > ${file} &`).join(' ')
  return {
    goal: 1,
    // A first codon that is a start of the genetic code reads M by the rules of Ensembl, and as it stands in gffread.
    skip: (file) => file === 0 ? 1 : 0,
    dump: {
      name: 'dump_peptide: pep, cds, cdna, checksums',
      run: async () => await dump(inside, 'dump_peptide', { fasta: input.fasta, gff3: input.gff3, division: 'EnsemblBench' }),
      files: () => ['pep', 'cds', 'cdna'].flatMap((name) => filesOf(join(inside, 'store/bench/fasta/made_up', name), /\.all\./))
    },
    pipe: {
      name: 'gffread -y -x -w, each | bgzip',
      run: async () => await shell(`rm -f ${input.fasta}.fai; ${begin} gffread ${outputs.map(({ letter, pipe }) => `-${letter} ${pipe}`).join(' ')} -g ${input.fasta} ${input.gff3}; wait`),
      files: () => outputs.map(({ file }) => file)
    }
  }
}

async function compare ({ goal, dump, pipe, skip }: Comparison, rounds: number): Promise<void> {
  const taken = new Map<Side, Watched[]>([[dump, []], [pipe, []]])
  for (let round = 1; round <= rounds; round++) {
    for (const [side, all] of taken) {
      const load = loadavg()[0]!
      const watched = await side.run()
      all.push(watched)
      const { seconds, cpuSeconds, peakMb } = watched
      process.stdout.write(`round ${round}  ${side.name.padEnd(44)} ${seconds.toFixed(1).padStart(6)} s ${cpuSeconds.toFixed(1).padStart(6)} s CPU ${peakMb.toFixed(0).padStart(5)} MB  load before ${load.toFixed(1)}\n`)
    }
  }
  const ratio = (of: (watched: Watched) => number): string => (middle(taken.get(pipe)!.map(of)) / middle(taken.get(dump)!.map(of))).toFixed(2)
  const sums = async (files: string[]): Promise<string[]> => await Promise.all(files.map(async (file, index) => await sumOfSequences(file, skip(index))))
  const [ours, theirs] = [await sums(dump.files()), await sums(pipe.files())]
  process.stdout.write(`ratio by the clock ${ratio(({ seconds }) => seconds)}, by CPU ${ratio(({ cpuSeconds }) => cpuSeconds)}; wanted ${goal}; ${ours.join('; ')}\n`)
  if (ours.join() !== theirs.join()) throw new Error(`${dump.name} has ${ours.join()}, and ${pipe.name} has ${theirs.join()}`)
}

const middle = (numbers: number[]): number => numbers.sort((one, other) => one - other)[numbers.length >> 1]!

async function dump (folder: string, name: string, params: object): Promise<Watched> {
  rmSync(join(folder, 'store'), { recursive: true, force: true })
  return await watch(process.execPath, [fileURLToPath(new URL('./dump-child.js', import.meta.url)), name, folder, JSON.stringify(params), '{}'])
}

const shell = async (command: string): Promise<Watched> => await watch('/bin/bash', ['-e', '-o', 'pipefail', '-c', command])

function filesOf (folder: string, name: RegExp): string[] {
  return readdirSync(folder).filter((file) => name.test(file)).map((file) => join(folder, file))
}

await main(process.argv.includes('--quick'))
