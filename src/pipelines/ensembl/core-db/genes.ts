import { createBiotypes } from '../sequence/biotype.ts'
import type { Biotypes } from '../sequence/biotype.ts'
import type { Prediction, Transcript } from '../sequence/gene.ts'
import type { CoreDatabase } from './connection.ts'
import { countPredictionRows, countTranscriptRows } from './gene-rows.ts'
import type { LogicNames } from './gene-rows.ts'
import type { Species } from './species.ts'
import { hasXrefs } from './xrefs.ts'
import { readPredictions, readTranscripts } from './transcripts.ts'

/** The genes of one species of a core database. */
export interface CoreGenes {
  readonly biotypes: Biotypes
  readonly transcripts: number
  readonly predictions: number
  /** Transcripts of current genes that lie where `meta_coord` does not say that transcripts are: nothing sees them. */
  readonly unseen: number
  readTranscripts: () => AsyncGenerator<Transcript[]>
  readPredictions: () => AsyncGenerator<Prediction[]>
}

/** `xrefs`: whether records of other databases are read too. */
export type GenesWanted = { logicNames: LogicNames, xrefs: boolean }

export async function openCoreGenes (
  db: CoreDatabase,
  species: Species,
  { logicNames, xrefs }: GenesWanted
): Promise<CoreGenes> {
  const all = species.coordSystems.map(({ id }) => id)
  const seen = async (table: string): Promise<number[]> => {
    const rows = await db.rows<{ coord_system_id: number }>(
      'SELECT DISTINCT coord_system_id FROM meta_coord WHERE table_name = ?',
      [table]
    )
    return rows.map((row) => row.coord_system_id).filter((id) => all.includes(id))
  }
  const scope = { coordSystems: await seen('transcript'), logicNames }
  const forPredictions = await seen('prediction_transcript')
  const transcripts = await countTranscriptRows(db, scope)
  const biotypes = await readBiotypes(db)
  const withXrefs = xrefs && await hasXrefs(db)
  return {
    biotypes,
    transcripts,
    predictions: await countPredictionRows(db, forPredictions),
    unseen: await countTranscriptRows(db, { coordSystems: all, logicNames }) - transcripts,
    readTranscripts: () => readTranscripts(db, { geneSystems: all, scope, biotypes, xrefs: withXrefs }),
    readPredictions: () => readPredictions(db, forPredictions)
  }
}

/** The database's own table goes before the list of the release; older schemas have none, or have it without groups. */
async function readBiotypes (db: CoreDatabase): Promise<Biotypes> {
  const [column] = await db.rows(
    "SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'biotype' AND " +
    "column_name = 'biotype_group'")
  if (column === undefined) return createBiotypes()
  return createBiotypes(
    await db.rows(
      'SELECT name, object_type AS objectType, biotype_group AS `group` FROM biotype WHERE biotype_group IS NOT NULL'
    )
  )
}
