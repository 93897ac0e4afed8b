import { Type } from 'typebox'
import type { Static } from 'typebox'
import { errors } from '../../base/errors.ts'
import type { DispatchEvent } from '../../base/event.ts'

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

/** Where the genome is read from a core database: `server` and `databases` are the operator's, never the event's. */
const fromDatabase = {
  server: Type.String({ minLength: 1, description: 'Name of the core_database block' }),
  databases: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Names of the databases that may be read: * stands for any part, {genome} for the production name. Default: {genome}_core_* and *_collection_core_*' })),
  database: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_]{1,64}$', description: 'Default: the database that the block names, then the newest that holds the genome' })),
  assembly: Type.Optional(Type.String({ description: 'Checked against that of the database' })),
  division: Type.Optional(Division)
}
/** Fields of the FASTA form which a database tells. */
const ofFasta = ['gff3', 'coord_system', 'codon_tables', 'circular']

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

/** The parameters of dump_dna from a core database. */
export const DumpDnaDatabaseParamsSchema = Type.Object({
  ...fromDatabase,
  par_mode: Type.Optional(Type.Union([Type.Literal('single'), Type.Literal('upstream')], {
    description: 'A region that has parts of its own beside linked ones, such as Y: one record, or one for each part as Ensembl writes it. Default: single'
  }))
})

/** The parameters of dump_peptide from a core database. */
export const DumpPeptideDatabaseParamsSchema = Type.Object({
  ...fromDatabase,
  process_logic_names: Type.Optional(Type.Array(Type.String(), { description: 'Transcripts of these analyses only' })),
  skip_logic_names: Type.Optional(Type.Array(Type.String(), { description: 'No transcripts of these analyses' }))
})

export const CoreDatabaseParamsSchema = Type.Object(fromDatabase)

export type CoreDatabaseParams = Static<typeof CoreDatabaseParamsSchema>
export type DumpDnaDatabaseParams = Static<typeof DumpDnaDatabaseParamsSchema>
export type DumpDnaParams = Static<typeof DumpDnaParamsSchema>
export type DumpPeptideDatabaseParams = Static<typeof DumpPeptideDatabaseParamsSchema>
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

/**
 * Whether the genome is read from a core database: where the operator has named a server and the event no FASTA.
 *
 * @throws INPUT_REFUSED for a field of the other form.
 */
export function isFromDatabase (params: object): params is CoreDatabaseParams {
  const { fasta, server, database } = params as Record<string, unknown>
  const fromServer = fasta === undefined && typeof server === 'string'
  const foreign = fromServer ? ofFasta.find((name) => Object.hasOwn(params, name)) : undefined
  if (foreign !== undefined) throw errors.inputRefused(`data/${foreign}`, 'belongs to a FASTA: the genome is read from a core database')
  if (!fromServer && database !== undefined) {
    throw errors.inputRefused('data/database', fasta === undefined ? 'cannot be read: the process has no server of core databases' : 'cannot be given beside data/fasta')
  }
  return fromServer
}

/** The folder of a genome in the store, `<division>/fasta/[<collection>/]<production name>`. */
export function genomeFolder (genome: string, division: string | undefined, collection?: string): string {
  return `${(division ?? 'other').replace(/^Ensembl(?=.)/, '').toLowerCase()}/fasta/${collection === undefined ? '' : `${collection}/`}${genome}`
}

/** What all file names of a genome begin with, `<Production name>.<assembly>`. */
export function fileStem (genome: string, assembly: string): string {
  return `${genome.charAt(0).toUpperCase()}${genome.slice(1)}.${assembly}`
}
