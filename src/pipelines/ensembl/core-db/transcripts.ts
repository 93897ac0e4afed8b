import { errors } from '../../../base/errors.ts'
import type { Biotypes } from '../sequence/biotype.ts'
import { parseEdit } from '../sequence/edits.ts'
import type { Edit } from '../sequence/edits.ts'
import type { Gene, Prediction, RnaEdits, Span, Transcript, Translation } from '../sequence/gene.ts'
import type { CoreDatabase } from './connection.ts'
import * as rows from './gene-rows.ts'
import { grouped } from './grouped.ts'
import { readXrefs, type XrefOwner } from './xrefs.ts'

/** `geneSystems` are the coordinate systems of the species. */
export type Wanted = {
  geneSystems: readonly number[]
  scope: rows.Scope
  biotypes: Biotypes
  /** Whether records of other databases are read too. */
  xrefs: boolean
}

/** By code. */
type Attributes = Map<string, string[]>

const rnaCodes = ['_rna_edit', '_transl_start', '_transl_end']
const proteinCodes = ['initial_met', '_selenocysteine', 'amino_acid_sub', '_stop_codon_rt']
const genesPerBatch = 250

/**
 * The transcripts of all current genes, by gene and transcript id, in batches, so that memory does not grow with the
 * database. A transcript of a coding biotype has the translation that its `canonical_translation_id` names and no
 * other.
 */
export async function * readTranscripts (
  db: CoreDatabase,
  wanted: Wanted
): AsyncGenerator<Transcript[]> {
  for (let after = 0; ;) {
    const genes = await rows.readGenes(db, wanted.geneSystems, { after, most: genesPerBatch })
    if (genes.length === 0) return
    after = genes.at(-1)!.gene_id
    yield await readBatch(db, genes, wanted)
  }
}

/** Predicted transcripts by id, in batches. */
export async function * readPredictions (
  db: CoreDatabase,
  coordSystems: readonly number[]
): AsyncGenerator<Prediction[]> {
  for (let after = 0; ;) {
    const predictions = await rows.readPredictionRows(db, coordSystems, { after, most: genesPerBatch })
    if (predictions.length === 0) return
    after = predictions.at(-1)!.prediction_transcript_id
    const exons = byId(
      await rows.readPredictionExonRows(
        db,
        predictions.map((row) => row.prediction_transcript_id)
      ),
      (row) => row.prediction_transcript_id
    )
    yield predictions.map((row) => {
      const own = exons.get(row.prediction_transcript_id) ?? []
      return {
        ...toSpan(row),
        id: row.display_label ?? String(row.prediction_transcript_id),
        exons: own.map(toSpan),
        prefix: Math.max(0, own[0]?.start_phase ?? 0)
      }
    })
  }
}

async function readBatch (
  db: CoreDatabase,
  geneRows: rows.GeneRow[],
  { scope, biotypes: { isCoding }, xrefs }: Wanted
): Promise<Transcript[]> {
  const xrefsOf = async (owner: XrefOwner, ids: number[]): Promise<Map<number, string[]>> =>
    xrefs ? await readXrefs(db, owner, ids) : new Map()
  const ofGenes = await xrefsOf('Gene', geneRows.map((row) => row.gene_id))
  const genes = new Map(geneRows.map((row) => [row.gene_id, { ...toGene(row), xrefs: ofGenes.get(row.gene_id) }]))
  const transcripts = await rows.readTranscriptRows(db, [...genes.keys()], scope)
  const ids = transcripts.map((row) => row.transcript_id)
  const translationIds = transcripts
    .map((row) => isCoding(row.biotype) ? row.canonical_translation_id : null)
    .filter((id) => id !== null)
  const [exonRows, translationRows, rnaAttributes, proteinAttributes] = await Promise.all([
    rows.readExonRows(db, ids),
    rows.readTranslationRows(db, translationIds),
    rows.readAttributeRows(db, 'transcript', ids, rnaCodes),
    rows.readAttributeRows(db, 'translation', translationIds, proteinCodes)
  ])
  const [ofTranscripts, ofTranslations] = await Promise.all([
    xrefsOf('Transcript', ids),
    xrefsOf('Translation', translationIds)
  ])
  const exons = byId(exonRows, (row) => row.transcript_id)
  const translations = new Map(translationRows.map((row) => [row.translation_id, row]))
  const rna = byId(rnaAttributes, ({ id }) => id)
  const protein = byId(proteinAttributes, ({ id }) => id)
  return transcripts.map((row) => {
    const own = exons.get(row.transcript_id) ?? []
    const translation =
      row.canonical_translation_id === null ? undefined : translations.get(row.canonical_translation_id)
    const id = printedId(row, row.transcript_id)
    const edits = rna.get(row.transcript_id)
    return {
      ...toSpan(row),
      id,
      biotype: row.biotype,
      gene: genes.get(row.gene_id)!,
      exons: own.map(toSpan),
      xrefs: ofTranscripts.get(row.transcript_id),
      ...(edits !== undefined && { rna: toRnaEdits(byCode(edits), `transcript ${id}`) }),
      ...(translation !== undefined && {
        translation: {
          ...toTranslation(translation, own, byCode(protein.get(translation.translation_id) ?? [])),
          xrefs: ofTranslations.get(translation.translation_id)
        }
      })
    }
  })
}

function toGene (row: rows.GeneRow): Gene {
  const symbol = oneLine(row.display_label)
  const description = oneLine(row.description)
  return {
    id: printedId(row, row.gene_id),
    biotype: row.biotype,
    ...symbol !== '' && { symbol },
    ...description !== '' && { description }
  }
}

function toTranslation (row: rows.TranslationRow, exons: rows.ExonRow[], attributes: Attributes): Translation {
  const id = printedId(row, row.translation_id)
  const exonOf = (exonId: number): number => {
    const index = exons.findIndex((exon) => exon.exon_id === exonId)
    if (index === -1) {
      throw errors.final(`translation ${id} begins or ends in exon ${exonId}, which its transcript does not have`)
    }
    return index
  }
  const startExon = exonOf(row.start_exon_id)
  return {
    id,
    coding: { startExon, start: row.seq_start, endExon: exonOf(row.end_exon_id), end: row.seq_end },
    prefix: Math.max(0, exons[startExon]!.phase),
    edits: proteinCodes.flatMap((code) => toEdits(attributes, code, `translation ${id}`))
  }
}

function toRnaEdits (attributes: Attributes, feature: string): RnaEdits {
  const place = (code: string): number | undefined => {
    const value = attributes.get(code)?.[0]
    if (value === undefined) return undefined
    if (!/^\s*[1-9]\d*\s*$/.test(value)) {
      throw errors.final(
        `${feature} has the attribute ${code} ${JSON.stringify(value.slice(0, 100))}, which is no place`
      )
    }
    return Number(value)
  }
  const start = place('_transl_start')
  const end = place('_transl_end')
  return {
    edits: toEdits(attributes, '_rna_edit', feature),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end })
  }
}

function toEdits (attributes: Attributes, code: string, feature: string): Edit[] {
  return (attributes.get(code) ?? []).map((value) => {
    const edit = parseEdit(value)
    if (edit === undefined) {
      throw errors.final(
        `${feature} has the attribute ${code} ${JSON.stringify(value.slice(0, 100))}, which is no edit`
      )
    }
    return edit
  })
}

function toSpan ({
  seq_region_id: id,
  seq_region_start: start,
  seq_region_end: end,
  seq_region_strand: strand
}: rows.PlaceRow): Span {
  return { region: String(id), start, end, strand: strand === -1 ? -1 : 1 }
}

function printedId (
  { stable_id: stableId, version }: { stable_id: string | null, version: number | null },
  internalId: number
): string {
  const id = stableId ?? String(internalId)
  return version === null || version === 0 ? id : `${id}.${version}`
}

/** A line end would break a FASTA header. */
function oneLine (text: string | null): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return (text ?? '').replace(/[\u0000-\u001f\u007f]/g, ' ')
}

function byId<Row> (found: Row[], idOf: (row: Row) => number): Map<number, Row[]> {
  return grouped(found, idOf, (row) => row)
}

function byCode (attributes: rows.AttributeRow[]): Attributes {
  return grouped(attributes, ({ code }) => code, ({ value }) => value)
}
