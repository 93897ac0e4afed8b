import { Type } from 'typebox'
import type { Static, TObject } from 'typebox'
import { Value } from 'typebox/value'
import { errors } from '../errors.ts'
import type { DispatchEvent } from '../event.ts'

const coordSystemPattern = '^[A-Za-z][A-Za-z0-9_]*$'
const Location = Type.String({ minLength: 1, description: 'Path in an input folder, or http(s) URI; may be gzip' })
const Assembly = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', description: 'Default: the version in an Ensembl-style FASTA header, then #!genome-version of the GFF3' })
const Division = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*$', description: 'First folder; a leading "Ensembl" is taken off and the rest is lower-cased. Default: other' })
const CoordSystemName = Type.String({ pattern: coordSystemPattern })

const common = {
  assembly: Type.Optional(Assembly),
  division: Type.Optional(Division),
  coord_system: Type.Optional(Type.Union([CoordSystemName, Type.Record(Type.String(), CoordSystemName)], {
    description: 'For all regions, or by region. Default: the FASTA header, then the GFF3, then primary_assembly'
  }))
}

/** The parameters of dump_dna: those of its lookup entry with the event's `data` over them. */
export const DumpDnaParamsSchema = Type.Object({
  ...common,
  fasta: Location,
  gff3: Type.Optional(Location)
})

/** The parameters of dump_peptide, likewise. */
export const DumpPeptideParamsSchema = Type.Object({
  ...common,
  fasta: Location,
  gff3: Location,
  codon_tables: Type.Optional(Type.Record(Type.String(), Type.Integer({ minimum: 1 }), { description: 'NCBI number of the genetic code by region. Default: transl_table of the CDS, then 1' })),
  circular: Type.Optional(Type.Array(Type.String(), { description: 'Circular regions, beside those that the GFF3 tells' }))
})

export type DumpDnaParams = Static<typeof DumpDnaParamsSchema>
export type DumpPeptideParams = Static<typeof DumpPeptideParamsSchema>

/** The production name of the genome that the event is about: its `genome`, else its `subject`. */
export function readGenomeName (event: DispatchEvent): string {
  const field = event['genome'] === undefined ? 'subject' : 'genome'
  const name = event[field]
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9_]{0,99}$/.test(name)) {
    throw errors.inputRefused(field, 'must be a production name: lower-case letters, digits and underscores')
  }
  return name
}

/** @throws INPUT_REFUSED with the path of the first field that is at fault. */
export function checkParams (schema: TObject, params: unknown): void {
  const [problem] = Value.Errors(schema, params)
  if (problem === undefined) return
  const missing = problem.keyword === 'required' ? `/${problem.params.requiredProperties[0] ?? ''}` : ''
  throw errors.inputRefused(`data${problem.instancePath}${missing}`, missing === '' ? problem.message : 'is required')
}

/** The folder of a genome in the store, `<division>/fasta/<production name>`. */
export function genomeFolder (genome: string, division: string | undefined): string {
  return `${(division ?? 'other').replace(/^Ensembl(?=.)/, '').toLowerCase()}/fasta/${genome}`
}

/** What all file names of a genome begin with, `<Production name>.<assembly>`. */
export function fileStem (genome: string, assembly: string): string {
  return `${genome.charAt(0).toUpperCase()}${genome.slice(1)}.${assembly}`
}
