import type { Span } from './gene.ts'
import type { ResidueEdit } from './translate.ts'

const residues: ReadonlyMap<string, string> = new Map([
  ['Ala', 'A'], ['Arg', 'R'], ['Asn', 'N'], ['Asp', 'D'], ['Asx', 'B'], ['Cys', 'C'], ['Gln', 'Q'], ['Glu', 'E'],
  ['Glx', 'Z'], ['Gly', 'G'], ['His', 'H'], ['Ile', 'I'], ['Leu', 'L'], ['Lys', 'K'], ['Met', 'M'], ['Phe', 'F'],
  ['Pro', 'P'], ['Pyl', 'O'], ['Sec', 'U'], ['Ser', 'S'], ['Thr', 'T'], ['Trp', 'W'], ['Tyr', 'Y'], ['Val', 'V'],
  ['OTHER', 'X']
])

/**
 * NCBI's `transl_except=(pos:1002..1004,aa:Sec)` as an edit of the protein. Undefined for `aa:TERM`, whose codon the
 * rule of the last stop or of incomplete codons has dropped already, and for places outside the CDS.
 */
export function readTranslExcept (value: string, spans: Span[], prefix: number): ResidueEdit | undefined {
  const match = /pos:\s*(?:complement\()?(\d+)(?:\.\.(\d+))?\)?\s*,\s*aa:\s*(\w+)/.exec(value)
  const residue = residues.get(match?.[3] ?? '')
  if (match === null || residue === undefined) return undefined
  const place = { start: Number(match[1]), end: Number(match[2] ?? match[1]) }
  let offset = prefix
  for (const { start, end, strand } of spans) {
    const first = strand === 1 ? place.start : place.end
    if (first >= start && first <= end) {
      const codon = Math.floor((offset + (strand === 1 ? first - start : end - first)) / 3) + 1
      return { start: codon, end: codon, residues: residue }
    }
    offset += end - start + 1
  }
  return undefined
}
