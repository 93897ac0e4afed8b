import { errors } from '../../../base/errors.ts'
import type { CoreDatabase } from './connection.ts'

export type Wanted = {
  genome: string
  /** `*` stands for any part of a database's name, `{genome}` for the production name. */
  patterns: readonly string[]
}

/** Whether a database may be read at all. */
export function isAllowed (
  database: string,
  { genome, patterns }: { genome: string | undefined, patterns: readonly string[] }
): boolean {
  return patterns.some((pattern) => {
    const parts = pattern
      .split(/(\*|\{genome\})/)
      .map((part) =>
        part === '*' || (part === '{genome}' && genome === undefined)
          ? '.*'
          : part === '{genome}'
            ? escape(genome!)
            : escape(part)
      )
    return new RegExp(`^${parts.join('')}$`).test(database)
  })
}

/**
 * The databases of a server that hold the genome, those with the higher numbers in their names first.
 *
 * @throws FINAL where there is none.
 */
export async function findDatabases (server: CoreDatabase, wanted: Wanted): Promise<string[]> {
  const schemas = await server.rows<{ name: string }>('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA')
  const candidates = schemas.map(({ name }) => name).filter((name) => isAllowed(name, wanted))
    .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))
  const withMeta = new Set(
    (
      await server.rows<{ name: string }>(
        "SELECT TABLE_SCHEMA AS name FROM information_schema.TABLES WHERE TABLE_NAME = 'meta'"
      )
    ).map(({ name }) => name)
  )
  const found: string[] = []
  for (const name of candidates.filter((candidate) => withMeta.has(candidate))) {
    const [row] = await server.rows(`SELECT 1 FROM \`${name.replaceAll('`', '``')}\`.meta WHERE meta_key = 'species.production_name' AND meta_value = ? LIMIT 1`, [wanted.genome])
    if (row !== undefined) found.push(name)
  }
  if (found.length === 0) {
    throw errors.final(
      `the server has no database of ${wanted.genome} among those named ${wanted.patterns.join(' or ')}`
    )
  }
  return found
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
