import { join } from 'node:path'
import { openSpool } from '../annotation/spool.ts'
import type { Spool } from '../annotation/spool.ts'
import type { GeneSource } from '../genes/genes.ts'
import type { Span, Transcript, Translation } from '../sequence/gene.ts'
import { spliceTranscript } from '../sequence/splice.ts'
import { translate } from '../sequence/translate.ts'
import type { FlatCoding, FlatGene, FlatTranscript } from './model.ts'

/** The genes of a source by region, so that each region's come by themselves. */
export interface GatheredGenes {
  readonly genes: number
  readonly transcripts: number
  /** By their first base, then by ID. */
  of: (region: string) => Promise<FlatGene[]>
  /** Regions that have genes. */
  regions: () => Iterable<string>
  close: () => Promise<void>
}

type GatherOptions = { folder: string, signal: AbortSignal, wrote: (transcripts: number) => void }

/** Reads all transcripts, with their proteins, and puts them down on the disk by region. */
export async function gatherGenes (
  source: GeneSource,
  { folder, signal, wrote }: GatherOptions
): Promise<GatheredGenes> {
  const spools = new Map<string, Spool>()
  const ids = new Set<string>()
  let transcripts = 0
  for await (const batch of source.readTranscripts()) {
    for (const transcript of batch) {
      signal.throwIfAborted()
      let spool = spools.get(transcript.region)
      if (spool === undefined) {
        spools.set(transcript.region, (spool = openSpool(join(folder, `genes-${spools.size}`), 64 * 1024)))
      }
      await spool.add(JSON.stringify({ gene: transcript.gene, transcript: await toFlat(source, transcript) }))
      ids.add(transcript.gene.id)
      wrote(++transcripts)
    }
  }
  return {
    get genes () {
      return ids.size
    },
    transcripts,
    regions: () => spools.keys(),
    of: async (region) => await readGenes(spools.get(region)),
    close: async () => {
      for (const spool of spools.values()) await spool.close()
    }
  }
}

async function readGenes (spool: Spool | undefined): Promise<FlatGene[]> {
  const genes = new Map<string, FlatGene>()
  if (spool === undefined) return []
  for await (const lines of spool.lines()) {
    for (const line of lines) {
      const { gene, transcript } = JSON.parse(line) as { gene: Transcript['gene'], transcript: FlatTranscript }
      const { region, start, end, strand } = transcript
      const known = genes.get(gene.id)
      if (known === undefined) {
        genes.set(gene.id, {
          ...gene,
          symbol: gene.symbol,
          description: gene.description,
          region,
          start,
          end,
          strand,
          transcripts: [transcript]
        })
        continue
      }
      known.start = Math.min(known.start, start)
      known.end = Math.max(known.end, end)
      known.transcripts.push(transcript)
    }
  }
  return [...genes.values()].sort(
    (one, other) => one.start - other.start || one.end - other.end || (one.id < other.id ? -1 : 1)
  )
}

async function toFlat (source: GeneSource, transcript: Transcript): Promise<FlatTranscript> {
  const { id, biotype, region, start, end, strand, exons, translation, xrefs } = transcript
  return {
    id,
    biotype,
    region,
    start,
    end,
    strand,
    exons,
    xrefs,
    coding: translation === undefined ? undefined : await toCoding(source, transcript, translation)
  }
}

async function toCoding (source: GeneSource, transcript: Transcript, translation: Translation): Promise<FlatCoding> {
  const { id, prefix, edits, isPartial = false, codonTable, xrefs } = translation
  const place = await source.place(transcript.region, `transcript ${transcript.id}`)
  const { coding } = await spliceTranscript(source.read, transcript, translation)
  const table = source.codonTable(transcript.region, place, codonTable)
  const protein = translate(coding!, table, { name: id, edits, isPartial })
  const spans = spansOf(transcript, translation)
  const codons = Math.floor(coding!.length / 3)
  return {
    id,
    spans,
    phase: (3 - prefix) % 3,
    table: codonTable ?? source.tableNumber(transcript.region) ?? 1,
    protein: protein.toString('latin1'),
    hasStop: coding!.length % 3 === 0 && table(coding!, codons * 3 - 3).isStop,
    isPartial,
    xrefs,
    excepts: edits.filter(({ start, end, letters }) => start === end && letters.length === 1)
      .map(({ start, letters }) => ({ ...basesOf(spans, start * 3 - 2 - prefix), letter: letters }))
  }
}

/** A part of a transcript as places on the genome. */
function spansOf ({ exons }: Transcript, { coding }: Translation): Span[] {
  if (Array.isArray(coding)) return coding
  return exons.slice(coding.startExon, coding.endExon + 1).map((exon, index, { length }) => {
    const skipped = index === 0 ? coding.start - 1 : 0
    const bases = index === length - 1 ? coding.end - skipped : exon.end - exon.start + 1 - skipped
    return exon.strand === 1
      ? { ...exon, start: exon.start + skipped, end: exon.start + skipped + bases - 1 }
      : { ...exon, start: exon.end - skipped - bases + 1, end: exon.end - skipped }
  })
}

/** Where the codon lies whose first base is that of the coding part, counted from 1. */
function basesOf (spans: readonly Span[], base: number): { start: number, end: number, strand: 1 | -1 } {
  let before = 0
  for (const { start, end, strand } of spans) {
    const length = end - start + 1
    const offset = base - before - 1
    if (offset < length) {
      return strand === 1
        ? { start: start + offset, end: start + offset + 2, strand }
        : { start: end - offset - 2, end: end - offset, strand }
    }
    before += length
  }
  return { start: 0, end: 0, strand: 1 }
}
