import type { Span } from '../sequence/gene.ts'
import type { FlatCoding, FlatTranscript } from './model.ts'

/** A part of a CDS with the bases of it that end a codon of the part before. */
export type PhasedSpan = Span & { phase: number }

/** The parts of a CDS in the order in which they are read, with their phases. */
export function withPhases ({ spans, phase }: Pick<FlatCoding, 'spans' | 'phase'>): PhasedSpan[] {
  let bases = 0
  return spans.map((span, index) => {
    const own = index === 0 ? phase : (3 - bases % 3) % 3
    bases += span.end - span.start + 1 - (index === 0 ? phase : 0)
    return { ...span, phase: own }
  })
}

/** The last bases of a CDS apart from the others: GTF has the stop codon by itself. */
export function splitStop (coding: FlatCoding): { coding: PhasedSpan[], stop: Span[] } {
  const left = withPhases(coding)
  const stop: Span[] = []
  if (!coding.hasStop) return { coding: left, stop }
  for (let bases = 3; bases > 0 && left.length > 0;) {
    const last = left.at(-1)!
    const length = last.end - last.start + 1
    const taken = Math.min(bases, length)
    stop.unshift(
      last.strand === 1 ? { ...last, start: last.end - taken + 1 } : { ...last, end: last.start + taken - 1 }
    )
    left.pop()
    if (taken < length) {
      left.push(last.strand === 1 ? { ...last, end: last.end - taken } : { ...last, start: last.start + taken })
    }
    bases -= taken
  }
  return { coding: left, stop }
}

/** What of the exons lies before and behind the CDS, in the direction of the transcript. */
export function untranslatedOf (
  { exons, strand }: FlatTranscript,
  { spans }: FlatCoding
): { five: Span[], three: Span[] } {
  const first = Math.min(...spans.map(({ start }) => start))
  const last = Math.max(...spans.map(({ end }) => end))
  const before = exons
    .filter(({ start }) => start < first)
    .map((exon) => ({ ...exon, end: Math.min(exon.end, first - 1) }))
  const behind = exons
    .filter(({ end }) => end > last)
    .map((exon) => ({ ...exon, start: Math.max(exon.start, last + 1) }))
  return strand === 1 ? { five: before, three: behind } : { five: behind, three: before }
}
