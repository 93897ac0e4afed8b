import { errors } from '../../../base/errors.ts'
import type { CodonTable } from './codon-table.ts'
import { applyEdits } from './edits.ts'
import type { Edit } from './edits.ts'

const methionine = 77

/**
 * `release`: the rules for genes; `abinitio`: those for predicted transcripts, whose first residue is never changed.
 */
export type TranslateOptions = {
  name: string
  edits?: readonly Edit[]
  rules?: 'release' | 'abinitio'
  /** Of a CDS that begins before its sequence does the first codon reads as it stands. */
  isPartial?: boolean | undefined
}

/**
 * The protein of a CDS, by the rules of Ensembl release 114: bases beyond whole codons are dropped, one last stop
 * too; a first residue becomes M only where every reading of its codon is a start of the table; edits come after
 * both. Of a prediction the last stop is dropped only where no base is left over.
 *
 * @throws FINAL, naming the translation, where there is no whole codon.
 */
export function translate (
  cds: Uint8Array,
  table: CodonTable,
  { name, edits = [], rules = 'release', isPartial = false }: TranslateOptions
): Buffer {
  const codons = Math.floor(cds.length / 3)
  if (codons === 0) {
    throw errors.final(`translation ${name} has a CDS of ${cds.length} bases, which is no whole codon`)
  }
  const residues = Buffer.allocUnsafe(codons)
  for (let codon = 0; codon < codons; codon++) residues[codon] = table(cds, codon * 3).residue
  const dropsStop = (rules === 'release' || cds.length % 3 === 0) && table(cds, codons * 3 - 3).isStop
  const protein = residues.subarray(0, dropsStop ? -1 : undefined)
  if (rules === 'abinitio') return protein
  if (protein.length > 0 && !isPartial && table(cds, 0).isStart) protein[0] = methionine
  return applyEdits(protein, edits)
}
