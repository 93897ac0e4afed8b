import { errors } from '../errors.ts'
import { highestFirst, applyEdits } from './edits.ts'
import type { ExonRange, RnaEdits, Span, Transcript } from './gene.ts'
import { reverseComplement, upperCase } from './letters.ts'

/** The bases of a span on the forward strand, not to be changed. `feature` names for a failure what is read. */
export type ReadSpan = (span: Span, feature: string) => Promise<Buffer> | Buffer

/** A transcript's sequence, with its edits, and the part of it that is translated, N for missing bases included. */
export type Spliced = { sequence: string, coding?: string }

/** Upper case, each exon on its own strand. */
export async function spliceTranscript (read: ReadSpan, { id, exons, rna, translation }: Transcript): Promise<Spliced> {
  const pieces = await readPieces(read, exons, `transcript ${id}`)
  const whole = join(pieces)
  const sequence = rna === undefined ? whole : applyEdits(whole, rna.edits)
  if (translation === undefined) return { sequence }
  const feature = `translation ${translation.id}`
  const coding = Array.isArray(translation.coding)
    ? join(await readPieces(read, translation.coding, feature))
    : sliceCoding(sequence, { lengths: pieces.map(({ length }) => length), range: translation.coding, rna, feature })
  return { sequence, coding: 'N'.repeat(translation.prefix) + coding }
}

/** The spans joined in the order given, in upper case, each on its own strand. */
export async function splice (read: ReadSpan, spans: Span[], feature: string): Promise<string> {
  return join(await readPieces(read, spans, feature))
}

async function readPieces (read: ReadSpan, spans: Span[], feature: string): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  for (const span of spans) {
    const forward = await read(span, feature)
    pieces.push(span.strand === 1 ? forward : reverseComplement(forward))
  }
  return pieces
}

function join (pieces: Buffer[]): string {
  const whole = Buffer.concat(pieces)
  for (let at = 0; at < whole.length; at++) whole[at] = upperCase[whole[at]!]!
  return whole.toString('latin1')
}

type Coding = { lengths: number[], range: ExonRange, rna: RnaEdits | undefined, feature: string }

/**
 * An edit before the coding part moves it; one inside, or an insertion at its first base or behind its last, becomes part of
 * it; where the annotation names the new start or end, that counts.
 */
function sliceCoding (sequence: string, { lengths, range, rna, feature }: Coding): string {
  const before = (exon: number): number => {
    if (lengths[exon] === undefined) throw errors.final(`${feature} begins or ends in an exon that its transcript does not have`)
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
  return sequence.slice(Math.max(0, start - 1), Math.max(0, end))
}
