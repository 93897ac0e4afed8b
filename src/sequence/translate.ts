import { errors } from '../errors.ts'
import type { CodonTable } from './codon-table.ts'
import { applyEdits } from './edits.ts'
import type { Edit } from './edits.ts'

/** `release`: the rules for genes; `abinitio`: those for predicted transcripts, whose first residue is never changed. */
export type TranslateOptions = { name: string, edits?: readonly Edit[], rules?: 'release' | 'abinitio' }

/**
 * The protein of a CDS, by the rules of Ensembl release 114: bases beyond whole codons are dropped, one last stop too; a
 * first residue becomes M only where every reading of its codon is a start of the table; edits come after both.
 * Of a prediction the last stop is dropped only where no base is left over.
 *
 * @throws FINAL, naming the translation, where there is no whole codon.
 */
export function translate (cds: string, table: CodonTable, { name, edits = [], rules = 'release' }: TranslateOptions): string {
  const letters = cds.toUpperCase()
  const length = Math.floor(letters.length / 3)
  if (length === 0) throw errors.final(`translation ${name} has a CDS of ${letters.length} bases, which is no whole codon`)
  let residues = ''
  for (let at = 0; at < length * 3; at += 3) residues += table(letters.slice(at, at + 3)).residue
  const dropsStop = rules === 'release' || letters.length % 3 === 0
  if (dropsStop && table(letters.slice(length * 3 - 3, length * 3)).isStop) residues = residues.slice(0, -1)
  if (rules === 'abinitio') return residues
  if (residues !== '' && residues[0] !== 'M' && table(letters.slice(0, 3)).isStart) residues = `M${residues.slice(1)}`
  return applyEdits(residues, edits)
}
