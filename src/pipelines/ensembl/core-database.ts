import { coreDatabase } from '../../sdk/blocks/kinds/core_database.ts'
import { openCoreDatabase } from './core-db/connection.ts'
import type { CoreDatabase, ServerSettings } from './core-db/connection.ts'
import { findDatabases, isAllowed } from './core-db/find-database.ts'
import { openCoreGenome } from './core-db/genome.ts'
import type { CoreGenome } from './core-db/genome.ts'
import { readProductionNames } from './core-db/species.ts'
import { errors } from '../../base/errors.ts'
import type { DispatchEvent } from '../../base/event.ts'
import type { ProcessContext } from '../../sdk/process.ts'
import { genomeFolder, readGenomeName } from './params.ts'
import type { CoreDatabaseParams } from './params.ts'

/** The genome that an event is about, in its core database. */
export type CoreSource = {
  db: CoreDatabase
  genome: CoreGenome
  genomeName: string
  assembly: string
  /** Where its files go. */
  folder: string
}

type Context = Pick<ProcessContext, 'event' | 'block' | 'log' | 'signal'> & { params: CoreDatabaseParams }

const defaultPatterns = ['{genome}_core_*', '*_collection_core_*']

/**
 * Finds the database, opens it for `work` and closes it.
 *
 * @throws INPUT_REFUSED where the event names another assembly than the database has, or a database that may not be
 * read; FINAL where there is no such block, database or species.
 */
export async function withCoreDatabase<T> (
  context: Context,
  { pieceBases }: { pieceBases?: number },
  work: (source: CoreSource) => Promise<T>
): Promise<T> {
  const { params, signal, log } = context
  const { database: usual, ...server } = await context.block(coreDatabase, params.server)
  const name = await chooseDatabase(context, server, usual)
  const db = openCoreDatabase(server, { database: name, signal })
  try {
    const genomeName = await chooseSpecies(context.event, db)
    const genome = await openCoreGenome(db, { productionName: genomeName, pieceBases })
    const { species } = genome
    const assembly = species.coordSystems[0]!.version
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(assembly)) {
      throw errors.final(
        `the assembly of ${genomeName} in ${name} cannot be part of a file name: ${JSON.stringify(assembly)}`
      )
    }
    if (params.assembly !== undefined && params.assembly !== assembly) {
      throw errors.inputRefused('data/assembly', `is ${params.assembly}, and ${name} has ${assembly}`)
    }
    log(`${genomeName} ${assembly} in ${name}`)
    const division = params.division ?? species.meta('species.division')[0]
    const folder = genomeFolder(
      genomeName,
      division,
      species.isOneOfSeveral ? name.replace(/_core.*$/, '') : undefined
    )
    return await work({ db, genome, genomeName, assembly, folder })
  } finally {
    await db.close()
  }
}

async function chooseDatabase (
  { event, params, log, signal }: Context,
  server: ServerSettings,
  usual: string | undefined
): Promise<string> {
  const { databases: patterns = defaultPatterns, database } = params
  if (database !== undefined) {
    const genome = hasGenomeName(event) ? readGenomeName(event) : undefined
    if (!isAllowed(database, { genome, patterns })) {
      throw errors.inputRefused('data/database', `must be named ${patterns.join(' or ')}`)
    }
    return database
  }
  if (usual !== undefined) return usual
  const genome = readGenomeName(event)
  const search = openCoreDatabase(server, { database: '', signal })
  try {
    const [newest, ...others] = await findDatabases(search, { genome, patterns })
    if (others.length > 0) log(`${newest} is taken; there are ${others.join(', ')}`)
    return newest!
  } finally {
    await search.close()
  }
}

/** An event may leave it to the database where that has one species only. */
async function chooseSpecies (event: DispatchEvent, db: CoreDatabase): Promise<string> {
  if (hasGenomeName(event)) return readGenomeName(event)
  const names = await readProductionNames(db)
  if (names.length !== 1) throw errors.inputRefused('genome', `is required: ${db.name} has ${names.length} species`)
  return readGenomeName({ ...event, genome: names[0]! })
}

const hasGenomeName = (event: DispatchEvent): boolean => event['genome'] !== undefined || event['subject'] !== undefined
