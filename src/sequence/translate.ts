import { errors } from '../errors.ts'
import type { CodonTable } from './codon-table.ts'

/** Residues `start`..`end` (1-based) become `residues`; `end = start - 1` inserts. */
export type ResidueEdit = { start: number, end: number, residues: string }

/**
 * The protein of a CDS in upper case, by the rules of Ensembl release 114: bases
 * beyond whole codons are dropped, one last stop too; a first residue becomes M only where every reading of its codon
 * is a start of the table; edits come after both.
 *
 * @throws FINAL, naming the translation, where there is no whole codon.
 */
export function translate (cds: string, table: CodonTable, { name, edits = [] }: { name: string, edits?: ResidueEdit[] }): string {
  const length = Math.floor(cds.length / 3)
  if (length === 0) throw errors.final(`translation ${name} has a CDS of ${cds.length} bases, which is no whole codon`)
  let residues = ''
  for (let codon = 0; codon < length; codon++) residues += table(cds.slice(codon * 3, codon * 3 + 3)).residue
  if (table(cds.slice(length * 3 - 3, length * 3)).isStop) residues = residues.slice(0, -1)
  if (residues !== '' && residues[0] !== 'M' && table(cds.slice(0, 3)).isStart) residues = `M${residues.slice(1)}`
  return edits
    .filter(({ start }) => start <= residues.length + 1)
    .sort((one, other) => other.start - one.start)
    .reduce((edited, { start, end, residues: put }) => edited.slice(0, start - 1) + put + edited.slice(end), residues)
}
