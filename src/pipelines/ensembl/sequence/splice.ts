import { errors } from '../../../base/errors.ts'
import { highestFirst, applyEdits } from './edits.ts'
import type { ExonRange, RnaEdits, Span, Transcript, Translation } from './gene.ts'
import { upperCase, upperComplement } from './letters.ts'

const unknownBase = 'N'.charCodeAt(0)

/** The bases of a span on the forward strand, not to be changed. `feature` names for a failure what is read. */
export type ReadSpan = (span: Span, feature: string) => Promise<Buffer> | Buffer

/** A transcript's sequence, with its edits, and the part of it that is translated, N for missing bases included. */
export type Spliced = { sequence: Buffer, coding?: Buffer }

/** Upper case, each exon on its own strand. The coding part is that of `translation`, where one is asked for. */
export async function spliceTranscript (
  read: ReadSpan,
  { id, exons, rna }: Transcript,
  translation: Translation | undefined
): Promise<Spliced> {
  const pieces = await readPieces(read, exons, `transcript ${id}`)
  const sequence = applyEdits(join(exons, pieces), rna?.edits ?? [])
  if (translation === undefined) return { sequence }
  const { coding, prefix } = translation
  const feature = `translation ${translation.id}`
  if (!Array.isArray(coding)) {
    const lengths = pieces.map(({ length }) => length)
    return { sequence, coding: padded(sliceCoding(sequence, { lengths, range: coding, rna, feature }), prefix) }
  }
  const part = rna === undefined ? findPart(exons, coding) : undefined
  return {
    sequence,
    coding: part === undefined
      ? join(coding, await readPieces(read, coding, feature), prefix)
      : padded(sequence.subarray(part.from, part.to), prefix)
  }
}

/** Where the spans are one part of the joined exons, as those of most genes: then they need not be read again. */
function findPart (exons: Span[], spans: Span[]): { from: number, to: number } | undefined {
  let part: { from: number, to: number } | undefined
  let found = 0
  let before = 0
  for (const exon of exons) {
    for (let span = spans[found]; span !== undefined && isWithin(span, exon); span = spans[++found]) {
      const from = before + (exon.strand === 1 ? span.start - exon.start : exon.end - span.end)
      if (part !== undefined && part.to !== from) return undefined
      part = { from: part?.from ?? from, to: from + span.end - span.start + 1 }
    }
    before += exon.end - exon.start + 1
  }
  return found === spans.length ? part : undefined
}

function isWithin (span: Span, exon: Span): boolean {
  return (
    span.start >= exon.start && span.end <= exon.end && span.region === exon.region && span.strand === exon.strand
  )
}

/** The spans joined in the order given, in upper case, each on its own strand. */
export async function splice (read: ReadSpan, spans: Span[], feature: string): Promise<Buffer> {
  return join(spans, await readPieces(read, spans, feature))
}

async function readPieces (read: ReadSpan, spans: Span[], feature: string): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  for (const span of spans) {
    const piece = read(span, feature)
    pieces.push(piece instanceof Promise ? await piece : piece)
  }
  return pieces
}

function join (spans: Span[], pieces: Buffer[], prefix = 0): Buffer {
  const whole = Buffer.allocUnsafe(pieces.reduce((sum, { length }) => sum + length, prefix)).fill(
    unknownBase,
    0,
    prefix
  )
  let to = prefix
  for (const [index, piece] of pieces.entries()) {
    if (spans[index]!.strand === 1) {
      for (let from = 0; from < piece.length; from++) {
        whole[to++] = upperCase[piece[from]!]!
      }
    } else for (let from = piece.length - 1; from >= 0; from--) whole[to++] = upperComplement[piece[from]!]!
  }
  return whole
}

function padded (coding: Buffer, prefix: number): Buffer {
  return prefix === 0 ? coding : Buffer.concat([Buffer.alloc(prefix, unknownBase), coding])
}

type Coding = { lengths: number[], range: ExonRange, rna: RnaEdits | undefined, feature: string }

/**
 * An edit before the coding part moves it; one inside, or an insertion at its first base or behind its last, becomes
 * part of it; where the annotation names the new start or end, that counts.
 */
function sliceCoding (sequence: Buffer, { lengths, range, rna, feature }: Coding): Buffer {
  const before = (exon: number): number => {
    if (lengths[exon] === undefined) {
      throw errors.final(`${feature} begins or ends in an exon that its transcript does not have`)
    }
    return lengths.slice(0, exon).reduce((sum, length) => sum + length, 0)
  }
  let start = before(range.startExon) + range.start
  let end = before(range.endExon) + range.end
  for (const edit of highestFirst(rna?.edits ?? [])) {
    const more = edit.letters.length - (edit.end - edit.start + 1)
    if (edit.start < start) start += more
    if (edit.start <= end + 1) end += more
  }
  if (rna !== undefined && rna.edits.length > 0) {
    start = rna.start ?? start
    end = rna.end ?? end
  }
  return sequence.subarray(Math.max(0, start - 1), Math.max(0, end))
}
