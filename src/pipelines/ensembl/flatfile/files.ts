import { join } from 'node:path'
import { openGzipFile } from '../sequence/gzip-file.ts'
import type { GeneSource } from '../genes/genes.ts'
import type { StagedFile } from '../publish.ts'
import { gatherGenes } from './gather.ts'
import { gff3Head, gff3OfRegion } from './gff3.ts'
import { gtfHead, gtfOfRegion } from './gtf.ts'
import type { FlatHead, FlatRegion } from './model.ts'
import { emblRecord, genbankRecord } from './records.ts'

export const FLAT_FORMATS = ['gff3', 'gtf', 'embl', 'genbank'] as const

export type FlatFormat = typeof FLAT_FORMATS[number]

/** What is dumped, whatever it is kept in. */
export type FlatSource = { genes: GeneSource, head: FlatHead, regions: () => Iterable<FlatRegion> }

export type StagedFlatFiles = {
  files: Map<FlatFormat, StagedFile>
  genes: number
  transcripts: number
  regions: number
  elsewhere: string[]
}

export type FlatStage = {
  folder: string
  stem: string
  formats: readonly FlatFormat[]
  signal: AbortSignal
  wrote: (transcripts: number) => void
}

const ENDINGS: Record<FlatFormat, string> = {
  gff3: 'gff3.gz',
  gtf: 'gtf.gz',
  embl: 'embl.dat.gz',
  genbank: 'genbank.dat.gz'
}

/** Writes one file of each format into the temporary folder, region by region. */
export async function stageFlatFiles (
  { genes: source, head, regions }: FlatSource,
  stage: FlatStage
): Promise<StagedFlatFiles> {
  const { folder, stem, formats, signal } = stage
  const gathered = await gatherGenes(source, stage)
  const outputs = formats.map((format) => ({
    format,
    path: join(folder, format),
    file: openGzipFile(join(folder, format), signal)
  }))
  try {
    for (const { format, file } of outputs) {
      if (format === 'gff3') for (const line of gff3Head(head, regions())) await file.write(line)
      if (format === 'gtf') for (const line of gtfHead(head)) await file.write(line)
    }
    const elsewhere = new Set(gathered.regions())
    let count = 0
    for (const region of regions()) {
      signal.throwIfAborted()
      count++
      elsewhere.delete(region.key)
      const genes = await gathered.of(region.key)
      const read = async (start: number, end: number): Promise<Buffer> =>
        await source.read({ region: region.key, start, end, strand: 1 }, `region ${region.name}`)
      await Promise.all(
        outputs.map(async ({ format, file }) => {
          const lines =
            format === 'gff3'
              ? gff3OfRegion(head, region, genes)
              : format === 'gtf'
                ? gtfOfRegion(region, genes)
                : format === 'embl'
                  ? emblRecord(head, region, genes, read)
                  : genbankRecord(head, region, genes, read)
          for await (const line of lines) await file.write(line)
        })
      )
    }
    await Promise.all(outputs.map(async ({ file }) => await file.close()))
    const files = new Map<FlatFormat, StagedFile>()
    for (const { format, path } of outputs) {
      files.set(format, { name: `${stem}.${ENDINGS[format]}`, parts: [path], records: gathered.genes })
    }
    return {
      files,
      genes: gathered.genes,
      transcripts: gathered.transcripts,
      regions: count,
      elsewhere: [...elsewhere]
    }
  } finally {
    await gathered.close()
  }
}
