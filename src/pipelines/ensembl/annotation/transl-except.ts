import type { Edit } from '../sequence/edits.ts'
import type { Span } from '../sequence/gene.ts'

const residues: ReadonlyMap<string, string> = new Map([
  ['Ala', 'A'], ['Arg', 'R'], ['Asn', 'N'], ['Asp', 'D'], ['Asx', 'B'], ['Cys', 'C'], ['Gln', 'Q'], ['Glu', 'E'],
  ['Glx', 'Z'], ['Gly', 'G'], ['His', 'H'], ['Ile', 'I'], ['Leu', 'L'], ['Lys', 'K'], ['Met', 'M'], ['Phe', 'F'],
  ['Pro', 'P'], ['Pyl', 'O'], ['Sec', 'U'], ['Ser', 'S'], ['Thr', 'T'], ['Trp', 'W'], ['Tyr', 'Y'], ['Val', 'V'],
  ['Xle', 'J'], ['Xaa', 'X'], ['OTHER', 'X'], ['TERM', '*']
])

/**
 * NCBI's `(pos:1002..1004,aa:Sec)` as an edit of the protein. A stop in the last whole codon is dropped, as one that
 * the table knows is. Undefined for places outside the CDS and for names that NCBI does not have.
 */
export function readTranslExcept (value: string, spans: Span[], prefix: number): Edit | undefined {
  const [, place = '', name = ''] = /pos:(.*?),\s*aa:\s*(\w+)/.exec(value) ?? []
  const residue = residues.get(name)
  const bases = [...place.matchAll(/\d+/g)].map(Number)
  if (residue === undefined || bases.length === 0) return undefined
  const codons = Math.floor(spans.reduce((sum, { start, end }) => sum + end - start + 1, prefix) / 3)
  let offset = prefix
  for (const { start, end, strand } of spans) {
    const first = strand === 1 ? Math.min(...bases) : Math.max(...bases)
    if (first >= start && first <= end) {
      const codon = Math.floor((offset + (strand === 1 ? first - start : end - first)) / 3) + 1
      return { start: codon, end: codon, letters: residue === '*' && codon >= codons ? '' : residue }
    }
    offset += end - start + 1
  }
  return undefined
}
