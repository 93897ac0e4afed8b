import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mariadbMissing, openMariadb } from '../test/fixtures/mariadb.ts'
import { writeGeneInput } from './gene-input.ts'
import { watch, type Watched } from './watch.ts'

const ROUNDS = 3
const SIZE = { chromosomes: 5, bases: 20_000_000, genesPerChromosome: 4000 }
const GFFREAD = '/usr/bin/gffread'

/** dump_peptide from both of its sources and gffread on one made-up genome, in turn. `--quick` is a tenth of it, once. */
async function main (quick: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  const mariadb = mariadbMissing === false ? await openMariadb() : undefined
  try {
    const input = await writeGeneInput(folder, quick ? { ...SIZE, bases: 2_000_000, genesPerChromosome: 400 } : SIZE)
    await mariadb?.load(input.tables, 'made_up_core_1_1')
    process.stdout.write(`${input.bases} bases, ${input.transcripts} transcripts with a protein each, ${input.exons} exons\n`)
    const dump = async (params: object): Promise<Watched> => {
      rmSync(join(folder, 'store'), { recursive: true, force: true })
      return await watch(process.execPath, [fileURLToPath(new URL('./dump-child.js', import.meta.url)), 'dump_peptide', folder, JSON.stringify(params), JSON.stringify(mariadb?.server ?? {})])
    }
    const gffread = async (...outputs: string[]): Promise<Watched> => {
      rmSync(join(folder, 'genome.fa.fai'), { force: true })
      return await watch(GFFREAD, [...outputs.flatMap((letter) => [`-${letter}`, join(folder, `gffread.${letter}.fa`)]), '-g', input.fasta, input.gff3])
    }
    const contestants: Array<[name: string, run: () => Promise<Watched>]> = [
      ['dump_peptide, FASTA and GFF3', async () => await dump({ fasta: input.fasta, gff3: input.gff3 })],
      ...existsSync(GFFREAD) ? [['gffread -y', async () => await gffread('y')], ['gffread -y -x -w', async () => await gffread('y', 'x', 'w')]] satisfies Array<[string, () => Promise<Watched>]> : [],
      ...mariadb === undefined ? [] : [['dump_peptide, MariaDB', async () => await dump({ server: 'bench' })]] satisfies Array<[string, () => Promise<Watched>]>
    ]
    for (let round = 1; round <= (quick ? 1 : ROUNDS); round++) {
      for (const [name, run] of contestants) {
        const { seconds, cpuSeconds, peakMb } = await run()
        process.stdout.write(`round ${round}  ${name.padEnd(30)} ${seconds.toFixed(1).padStart(6)} s ${cpuSeconds.toFixed(1).padStart(6)} s CPU ${peakMb.toFixed(0).padStart(5)} MB ${Math.round(input.transcripts / seconds).toString().padStart(7)} peptides/s\n`)
      }
    }
  } finally {
    await mariadb?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(process.argv.includes('--quick'))
