import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mariadbMissing, openMariadb } from '../test/fixtures/mariadb.ts'
import { writeDnaInput } from './dna-input.ts'
import { watch, type Watched } from './watch.ts'

const ROUNDS = 3
/** A chromosome as long as the longest of man, and three small ones. */
const LENGTHS = [250_000_000, 20_000_000, 20_000_000, 10_000_000]
const SAMTOOLS = '/usr/bin/samtools'
const BGZIP = '/usr/bin/bgzip'

/** dump_dna from both of its sources, samtools and bgzip on one made-up genome, in turn. `--quick` is a tenth of it, once. */
async function main (quick: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  const mariadb = mariadbMissing === false ? await openMariadb() : undefined
  try {
    const input = await writeDnaInput(folder, quick ? LENGTHS.map((length) => length / 10) : LENGTHS)
    await mariadb?.load(input.tables, 'made_up_core_1_1')
    process.stdout.write(`${input.bases} bases in ${LENGTHS.length} chromosomes\n`)
    const sums = new Set<string>()
    const dump = async (params: object): Promise<Watched> => {
      rmSync(join(folder, 'store'), { recursive: true, force: true })
      const watched = await watch(process.execPath, [fileURLToPath(new URL('./dump-child.js', import.meta.url)), 'dump_dna', folder, JSON.stringify(params), JSON.stringify(mariadb?.server ?? {})])
      sums.add(readFileSync(join(folder, 'store', 'bench/fasta/made_up/dna/CHECKSUMS'), 'utf8').split('\n').filter((row) => row.endsWith('.gz')).join('\n'))
      return watched
    }
    const tool = async (command: string, ...args: string[]): Promise<Watched> => {
      rmSync(`${input.fasta}.fai`, { force: true })
      return await watch(command, args)
    }
    const regions = LENGTHS.map((_, index) => String(index + 1))
    const contestants: Array<[name: string, run: () => Promise<Watched>]> = [
      ['dump_dna, FASTA', async () => await dump({ fasta: input.fasta, division: 'EnsemblBench' })],
      ...existsSync(SAMTOOLS) ? [['samtools faidx, all regions', async () => await tool(SAMTOOLS, 'faidx', '-o', join(folder, 'samtools.fa'), input.fasta, ...regions)]] satisfies Array<[string, () => Promise<Watched>]> : [],
      ...existsSync(BGZIP) ? [['bgzip, one of the four files', async () => await tool(BGZIP, '--force', '--keep', '--index', input.fasta)]] satisfies Array<[string, () => Promise<Watched>]> : [],
      ...mariadb === undefined ? [] : [['dump_dna, MariaDB', async () => await dump({ server: 'bench' })]] satisfies Array<[string, () => Promise<Watched>]>
    ]
    for (let round = 1; round <= (quick ? 1 : ROUNDS); round++) {
      for (const [name, run] of contestants) {
        const load = loadavg()[0]!
        const { seconds, cpuSeconds, peakMb } = await run()
        process.stdout.write(`round ${round}  ${name.padEnd(30)} ${seconds.toFixed(1).padStart(6)} s ${cpuSeconds.toFixed(1).padStart(6)} s CPU ${peakMb.toFixed(0).padStart(5)} MB ${(input.bases / 1e6 / seconds).toFixed(1).padStart(7)} Mb/s  load before ${load.toFixed(1)}\n`)
      }
    }
    if (sums.size > 1) throw new Error('the files from the FASTA and from the database differ')
  } finally {
    await mariadb?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(process.argv.includes('--quick'))
