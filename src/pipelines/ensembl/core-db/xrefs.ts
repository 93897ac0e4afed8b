import type { CoreDatabase } from './connection.ts'
import { grouped } from './grouped.ts'

type XrefRow = { id: number, db_name: string, accession: string }

/** What a record of another database may be about, in the words of the table. */
export type XrefOwner = 'Gene' | 'Transcript' | 'Translation'

/** A database that was cut down to what the dumps of sequence read has none. */
export async function hasXrefs (db: CoreDatabase): Promise<boolean> {
  const tables = await db.rows(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('object_xref', " +
    "'xref', 'external_db')"
  )
  return tables.length === 3
}

/** Records of other databases, `DATABASE:ACCESSION` by the id of their owner, each once and by their names. */
export async function readXrefs (
  db: CoreDatabase,
  owner: XrefOwner,
  ids: readonly number[]
): Promise<Map<number, string[]>> {
  if (ids.length === 0) return new Map()
  const rows = await db.rows<XrefRow>(
    `SELECT DISTINCT o.ensembl_id AS id, d.db_name, x.dbprimary_acc AS accession
     FROM object_xref o
     JOIN xref x ON x.xref_id = o.xref_id
     JOIN external_db d ON d.external_db_id = x.external_db_id
     WHERE o.ensembl_object_type = ? AND o.ensembl_id IN (${ids.map(Number).join(', ')})
     ORDER BY o.ensembl_id, d.db_name, x.dbprimary_acc`,
    [owner]
  )
  // Some accessions, such as GO:0003674, have the name in front already.
  return grouped(rows, ({ id }) => id, ({ db_name: name, accession }) =>
    accession.startsWith(`${name}:`) ? accession : `${name}:${accession}`)
}
