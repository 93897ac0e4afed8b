import { errors } from '../../../base/errors.ts'

/** What the first line of a file tells that is neither GFF3 nor GTF. */
const FORMATS: ReadonlyArray<readonly [pattern: RegExp, name: string]> = [
  [/^LOCUS\s/, 'a GenBank flat file'],
  [/^ID {3}/, 'an EMBL flat file'],
  [/^>Feature\s/, 'a feature table of NCBI'],
  [/^>/, 'FASTA'],
  [/^(track|browser)\s/, 'a track of a genome browser'],
  [/^##fileformat=VCF/, 'VCF'],
  [/^@(HD|SQ)\t/, 'SAM'],
  [/^\s*<(!DOCTYPE|html|\?xml)/i, 'a page of the web or XML'],
  [/^\s*[[{]/, 'JSON'],
  [/^%PDF/, 'PDF']
]

/** @throws INPUT_REFUSED with the name of the format. */
export function refuseOtherFormat (line: string, field: string): void {
  const found = FORMATS.find(([pattern]) => pattern.test(line))
  if (found !== undefined) throw errors.inputRefused(field, `is ${found[1]}, not GFF3 or GTF`)
}
