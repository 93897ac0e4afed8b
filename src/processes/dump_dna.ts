import { join } from 'node:path'
import { fastaColumns, fastaLines } from '../sequence/fasta.ts'
import { openGenome } from '../sequence/genome.ts'
import type { Genome } from '../sequence/genome.ts'
import { createRegionNotes, readRegionNotes } from '../sequence/gff3-annotation.ts'
import { openGzipFile } from '../sequence/gzip-file.ts'
import { dnaHeader } from '../sequence/headers.ts'
import type { DnaType } from '../sequence/headers.ts'
import { asGiven, hardMask, upperCase } from '../sequence/letters.ts'
import type { ProcessFunction } from './definition.ts'
import { checkParams, DumpDnaParamsSchema, fileStem, genomeFolder, readGenomeName } from './dump_event.ts'
import type { DumpDnaParams } from './dump_event.ts'
import { publishFolder, withTemporaryFolder } from './dump_folder.ts'
import type { StagedFile } from './dump_folder.ts'
import { dnaReadme } from './dump_readme.ts'
import { describeRegions, isChromosome, needsNotes } from './dump_region.ts'
import type { DescribedRegion } from './dump_region.ts'

/** The regions that go to one file of each type, such as those of `nonchromosomal`. */
type Level = { name: string, regions: DescribedRegion[] }

const types: ReadonlyArray<readonly [DnaType, Uint8Array]> = [['dna', upperCase], ['dna_sm', asGiven], ['dna_rm', hardMask]]
const pieceBases = fastaColumns * 8192

/**
 * Writes the genome as `<division>/fasta/<genome>/dna/…`: dna, dna_sm and dna_rm by chromosome, nonchromosomal and
 * toplevel. Output: `{ genome, assembly, regions, bases, files: [{ name, url, bytes, records }] }`.
 *
 * A second run writes the same bytes under the same names. The store is not touched before all files are whole.
 */
export const dumpDna: ProcessFunction<DumpDnaParams> = async (context) => {
  const { params, store, inputs, log, progress } = context
  const genomeName = readGenomeName(context.event)
  checkParams(DumpDnaParamsSchema, params)
  return withTemporaryFolder(context.jobId, context.signal, async (folder, signal) => {
    const genome = await openGenome(await inputs.open(params.fasta, { field: 'data/fasta', signal }), {
      folder,
      field: 'data/fasta',
      signal,
      progress: (bases) => progress({ complete: bases, message: 'bases read' })
    })
    try {
      const found = [...genome.regions.values()]
      const asksGff3 = params.gff3 !== undefined && needsNotes(found, params)
      const notes = asksGff3
        ? await readRegionNotes(await inputs.open(params.gff3!, { field: 'data/gff3', signal }), 'data/gff3', signal)
        : createRegionNotes()
      const { assembly, regions } = describeRegions(found, params, notes)
      const bases = regions.reduce((sum, { length }) => sum + length, 0)
      const levels = arrange(regions)
      log(`${regions.length} regions, ${bases} bases: ${countChromosomes(levels)} chromosomes`)

      const stem = fileStem(genomeName, assembly)
      let complete = 0
      const files: StagedFile[] = []
      for (const [index, level] of levels.entries()) {
        const wrote = (more: number): void => {
          complete += more
          progress({ complete, total: bases, message: 'bases written' })
        }
        files.push(...await stageLevel(genome, level, { folder, index, stem, signal }, wrote))
      }
      const all = [...files, ...combine(files, levels, stem)]
      const dumped = await publishFolder({ store, folder: `${genomeFolder(genomeName, params.division)}/dna`, files: all, readme: dnaReadme(stem), signal })
      log(`${dumped.length} files in ${store.url(`${genomeFolder(genomeName, params.division)}/dna`)}`)
      return {
        output: { genome: genomeName, assembly, regions: regions.length, bases, files: dumped },
        events: [{ type: 'dna_dumped', subject: genomeName, data: { genome: genomeName, assembly, files: dumped.map(({ name }) => name) } }]
      }
    } finally {
      await genome.close()
    }
  })
}

/** In the order of toplevel: chromosomes as the input has them, which stands for their karyotype; alt; nonchromosomal. */
function arrange (regions: DescribedRegion[]): Level[] {
  const isAlternative = ({ kind }: DescribedRegion): boolean => kind !== 'REF'
  const reference = regions.filter((region) => !isAlternative(region))
  const longestFirst = (one: DescribedRegion, other: DescribedRegion): number => other.length - one.length
  return [
    ...reference.filter(isChromosome).map((region) => ({ name: `${region.coordSystem.name}.${region.name}`, regions: [region] })),
    { name: 'alt', regions: regions.filter(isAlternative).sort(longestFirst) },
    { name: 'nonchromosomal', regions: reference.filter((region) => !isChromosome(region)).sort(longestFirst) }
  ].filter((level) => level.regions.length > 0)
}

function countChromosomes (levels: Level[]): number {
  return levels.filter(({ name }) => name !== 'alt' && name !== 'nonchromosomal').length
}

type Place = { folder: string, index: number, stem: string, signal: AbortSignal }

/** The three types are compressed side by side: gzip is what takes the time. */
async function stageLevel (genome: Genome, level: Level, { folder, index, stem, signal }: Place, wrote: (bases: number) => void): Promise<StagedFile[]> {
  const outputs = types.map(([type, map]) => {
    const path = join(folder, `${index}.${type}`)
    return { type, map, path, file: openGzipFile(path, signal) }
  })
  for (const region of level.regions) {
    await Promise.all(outputs.map(({ type, file }) => file.write(`>${dnaHeader(type, { ...region, start: 1, end: region.length })}\n`)))
    for (let start = 1; start <= region.length; start += pieceBases) {
      signal.throwIfAborted()
      const letters = await genome.read(region.name, start, Math.min(start + pieceBases - 1, region.length))
      await Promise.all(outputs.map(({ file, map }) => file.write(fastaLines(letters, map))))
      wrote(letters.length)
    }
  }
  await Promise.all(outputs.map(({ file }) => file.close()))
  return outputs.map(({ type, path }) => ({ name: `${stem}.${type}.${level.name}.fa.gz`, parts: [path], records: level.regions.length }))
}

/**
 * toplevel, and primary_assembly where there is an alt, are the members of the other files one after another (2.1).
 * primary_assembly goes by the names of the files, as upstream.
 */
function combine (files: StagedFile[], levels: Level[], stem: string): StagedFile[] {
  return types.flatMap(([type]) => {
    const ofType = files.filter(({ name }) => name.startsWith(`${stem}.${type}.`))
    const primary = ofType.filter(({ name }) => !name.endsWith('.alt.fa.gz')).sort((one, other) => one.name < other.name ? -1 : 1)
    const combined = (name: string, members: StagedFile[]): StagedFile => ({
      name: `${stem}.${type}.${name}.fa.gz`,
      parts: members.flatMap(({ parts }) => parts),
      records: members.reduce((sum, { records }) => sum + records, 0)
    })
    return [
      combined('toplevel', ofType),
      ...levels.some(({ name }) => name === 'alt') && primary.length > 0 ? [combined('primary_assembly', primary)] : []
    ]
  })
}
