import { Type } from 'typebox'
import { namesBlock } from '../../sdk/blocks/kind.ts'
import type { Static, TProperties, TSchema } from 'typebox'
import { errors } from '../../base/errors.ts'
import type { DispatchEvent } from '../../base/event.ts'

const Name = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*$' })
/** By region. Type.Record would let a name with a line feed through. */
const byRegion = <T extends TSchema>(schema: T) =>
  Type.Unsafe<Record<string, Static<T>>>({ type: 'object', additionalProperties: schema })
const location = (description: string) => Type.String({ minLength: 1, description })

/** Of every dump. */
const common = {
  fasta: location('Genome: a path under SIGNALBOX_INPUTS or an http(s) address; default: the sequence in data.gff3'),
  /** From FASTA by default the version in an Ensembl-style header, then #!genome-version of the GFF3. */
  assembly: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    description: 'Name of the assembly; from a core database it is checked against what that has'
  }),
  /** A leading "Ensembl" is taken off and the rest is lower-cased. */
  division: Type.String({
    pattern: '^[A-Za-z][A-Za-z0-9_]*$',
    description: 'First folder, such as EnsemblPlants; default: what the core database says, or other'
  }),
  /** For all regions, or by region. By default as the FASTA header says, then the GFF3, then primary_assembly. */
  coord_system: Type.Union([Name, byRegion(Name)]),
  server: namesBlock(
    'core_database',
    Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'Name of the block core_database to read from; null for FASTA only'
    })
  ),
  /** {genome}_core_* and *_collection_core_* by default. */
  databases: Type.Array(Type.String({ minLength: 1 }), {
    minItems: 1,
    description: 'Names of databases that may be read: * for any part, {genome} for the production name'
  }),
  /** Before the newest that holds the genome comes the database that the block names. */
  database: Type.String({
    pattern: '^[A-Za-z0-9_]{1,64}$',
    description:
      'Core database to read instead of data.fasta; default: the newest of the server that holds the genome'
  })
}

const dna = {
  ...common,
  gff3: location('Genes, likewise: tells which regions are chromosomes where the FASTA headers do not'),
  par_mode: Type.Enum(['single', 'upstream'], {
    description:
    'A region that is partly linked to another, such as Y: one record, or one for each part of its own as ' +
    'Ensembl writes it'
  })
}

const peptide = {
  ...common,
  gff3: location('Genes as GFF3 or GTF: likewise; required with data.fasta'),
  /** NCBI number of the genetic code by region. By default transl_table of the CDS, then 1. */
  codon_tables: byRegion(Type.Integer({ minimum: 1 })),
  /** Circular regions, beside those that the GFF3 tells. */
  circular: Type.Array(Type.String()),
  id_prefixes: Type.Array(Type.String({ minLength: 1 }), {
    description: 'Taken off IDs, such as gene-; default: gene:, transcript: and CDS:'
  }),
  process_logic_names: Type.Array(Type.String(), {
    description: 'From a core database: transcripts of these analyses only'
  }),
  skip_logic_names: Type.Array(Type.String(), {
    description: 'From a core database: no transcripts of these analyses'
  })
}

const flatfile = {
  ...peptide,
  formats: Type.Array(Type.Enum(['gff3', 'gtf', 'embl', 'genbank']), {
    minItems: 1,
    uniqueItems: true,
    description: 'Default: all four'
  })
}

/** Which server and which of its databases are read is never for an event to say. */
export const OPERATORS_OWN = ['server', 'databases']

/** Fields of the FASTA form which a database tells. */
const OF_FASTA = ['coord_system', 'codon_tables', 'circular', 'id_prefixes']
/** Where there is one of them, no database is read. */
const FILES = ['fasta', 'gff3']
/** Fields that have a meaning with a database alone. */
const OF_DATABASE = ['database', 'process_logic_names', 'skip_logic_names']

/**
 * An event with these parameters: in the FASTA form with its `files`, or from a core database where there is a
 * server.
 */
function genomeEvent (parameters: TProperties, files: object): TSchema {
  const without = (names: string[]) =>
    Object.fromEntries(names.filter((name) => name in parameters).map((name) => [name, false]))
  const data = (more: object) => ({ properties: { data: more } })
  return Type.Unsafe({
    type: 'object',
    required: ['data'],
    properties: {
      subject: Type.String({
        pattern: '^[a-z0-9_]+$',
        description: 'Production name of the genome; `genome` is taken as it'
      }),
      data: { type: 'object', properties: parameters }
    },
    if: data({
      properties: { server: { type: 'string' } },
      required: ['server'],
      not: { anyOf: FILES.map((name) => ({ required: [name] })) }
    }),
    then: {
      anyOf: [{ required: ['subject'] }, data({ required: ['database'] })],
      ...data({ properties: without(OF_FASTA) })
    },
    else: { required: ['subject'], ...data({ ...files, properties: without(OF_DATABASE) }) }
  })
}

/** A GFF3 may hold the sequence. */
export const DumpDnaEventSchema = genomeEvent(dna, { if: { required: ['gff3'] }, else: { required: ['fasta'] } })
export const DumpPeptideEventSchema = genomeEvent(peptide, { required: ['gff3'] })

export const DumpFlatfileEventSchema = genomeEvent(flatfile, { required: ['gff3'] })

/** Of an event with a FASTA alone there is the DNA to dump, and no gene. */
export function withoutGenes ({ data }: DispatchEvent): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const isWithout = Object.hasOwn(data, 'fasta') && !Object.hasOwn(data, 'gff3')
  return isWithout ? 'the event has data.fasta and no data.gff3: there are no genes to dump' : undefined
}

const optional = {
  assembly: Type.Optional(common.assembly),
  division: Type.Optional(common.division),
  coord_system: Type.Optional(common.coord_system)
}

const fromDatabase = {
  server: Type.String({ minLength: 1 }),
  databases: Type.Optional(common.databases),
  database: Type.Optional(common.database),
  assembly: optional.assembly,
  division: optional.division
}

/** The parameters of dump_dna from FASTA: those of its lookup entry with the event's `data` over them. */
export const DumpDnaParamsSchema = Type.Object({
  ...optional,
  fasta: Type.Optional(dna.fasta),
  gff3: Type.Optional(dna.gff3)
})

/** The parameters of dump_peptide, likewise. */
export const DumpPeptideParamsSchema = Type.Object({
  ...optional,
  fasta: Type.Optional(peptide.fasta),
  gff3: peptide.gff3,
  codon_tables: Type.Optional(peptide.codon_tables),
  circular: Type.Optional(peptide.circular),
  id_prefixes: Type.Optional(peptide.id_prefixes)
})

/** The parameters of dump_dna from a core database. */
export const DumpDnaDatabaseParamsSchema = Type.Object({ ...fromDatabase, par_mode: Type.Optional(dna.par_mode) })

/** The parameters of dump_peptide from a core database. */
export const DumpPeptideDatabaseParamsSchema = Type.Object({
  ...fromDatabase,
  process_logic_names: Type.Optional(peptide.process_logic_names),
  skip_logic_names: Type.Optional(peptide.skip_logic_names)
})

/** The parameters of dump_flatfile, likewise. */
export const DumpFlatfileParamsSchema = Type.Object({
  ...DumpPeptideParamsSchema.properties,
  formats: Type.Optional(flatfile.formats)
})

export const DumpFlatfileDatabaseParamsSchema = Type.Object({
  ...DumpPeptideDatabaseParamsSchema.properties,
  formats: Type.Optional(flatfile.formats)
})

export const CoreDatabaseParamsSchema = Type.Object(fromDatabase)

export type CoreDatabaseParams = Static<typeof CoreDatabaseParamsSchema>
export type DumpDnaDatabaseParams = Static<typeof DumpDnaDatabaseParamsSchema>
export type DumpDnaParams = Static<typeof DumpDnaParamsSchema>
export type DumpFlatfileDatabaseParams = Static<typeof DumpFlatfileDatabaseParamsSchema>
export type DumpFlatfileParams = Static<typeof DumpFlatfileParamsSchema>
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
  const { server, database } = params as Record<string, unknown>
  const file = FILES.find((name) => Object.hasOwn(params, name))
  const fromServer = file === undefined && typeof server === 'string'
  const foreign = fromServer ? OF_FASTA.find((name) => Object.hasOwn(params, name)) : undefined
  if (foreign !== undefined) {
    throw errors.inputRefused(`data/${foreign}`, 'belongs to a FASTA: the genome is read from a core database')
  }
  if (!fromServer && database !== undefined) {
    throw errors.inputRefused(
      'data/database',
      file === undefined
        ? 'cannot be read: the process has no server of core databases'
        : `cannot be given beside data/${file}`
    )
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
