import { type Static, Type } from 'typebox'
import { coreDatabase } from '../../sdk/blocks/kinds/core_database.ts'
import { errors } from '../../base/errors.ts'
import { readHiveAddress, type HiveAddress } from './address.ts'
import { openHive, type HiveDatabase } from './database.ts'
import { followJob } from './follow.ts'
import { masked, type MaskedContext } from '../masked.ts'
import type { Kinds } from '../../sdk/blocks/kind.ts'
import type { Runner } from '../runner.ts'
import { type Environment, ValueSchema, readValues } from '../value.ts'

export const HiveRunSchema = Type.Object({
  hive: Type.Object({
    uri: Type.Optional(ValueSchema),
    block: Type.Optional(Type.String({
      minLength: 1,
      description: 'Instead of `uri`: the block of kind core_database with server, user and database of the hive'
    })),
    analysis: Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The analysis that gets the job: a logic_name of the hive'
    }),
    every_ms: Type.Optional(Type.Integer({
      minimum: 10,
      maximum: 3_600_000,
      default: 5000,
      description: 'Milliseconds between two looks at the hive'
    })),
    max_failures: Type.Optional(Type.Integer({
      minimum: 0,
      default: 120,
      description: 'Times in a row that the database may be away before the job fails'
    }))
  }, { additionalProperties: false })
}, {
  additionalProperties: false,
  description:
    'A job in the database of an eHive (2.5 or later), whose own workers run it. It is seeded once, however ' +
    'often our job is taken'
})

export type HiveRun = Static<typeof HiveRunSchema>

export type HiveRunnerOptions = {
  /** Milliseconds that jobs in hand have to end after a cancel. */
  graceMs: number
  maxOutputBytes: number
  env: Environment
  kinds: Kinds
}

/** What is wrong with an entry, or undefined. */
export const checkHive = ({ hive: { uri, block } }: HiveRun): string | undefined => {
  if ((uri === undefined) === (block === undefined)) return 'a hive needs either uri or block'
  if (typeof uri !== 'string') return undefined
  try {
    readHiveAddress(uri)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Connections are open while jobs run, and no longer. A block may name another server by the next job. */
export const createHiveRunner = ({ hive: entry }: HiveRun, options: HiveRunnerOptions): Runner => {
  const opened = new Map<string, { database: HiveDatabase, users: number }>()
  return {
    run: masked(async (context) => {
      const address = await addressOf(entry, options, context)
      context.redactor.add([address.password])
      const key = JSON.stringify(address)
      const shared = opened.get(key) ?? { database: openHive(address), users: 0 }
      opened.set(key, shared)
      shared.users += 1
      try {
        return await followJob({
          database: shared.database,
          analysis: entry.analysis,
          everyMs: entry.every_ms ?? 5000,
          maxFailures: entry.max_failures ?? 120,
          ...options,
          context,
          log: context.log
        })
      } finally {
        shared.users -= 1
        if (shared.users === 0) {
          opened.delete(key)
          // What the job came to stands, whatever a connection says at its end.
          await shared.database.close().catch(() => {})
        }
      }
    }, options.kinds),
    close: async () => {}
  }
}

async function addressOf (
  { uri, block = '' }: HiveRun['hive'],
  { env, kinds }: HiveRunnerOptions,
  context: MaskedContext
): Promise<HiveAddress> {
  if (uri !== undefined) {
    return readHiveAddress((await readValues({ uri }, { env, kinds, ...context })).get('uri') ?? '')
  }
  const {
    host,
    port,
    socket_path: socketPath,
    user,
    password,
    tls,
    ca,
    database
  } = await context.block(coreDatabase, block)
  if (database === undefined) throw errors.final(`block core_database/${block} names no database, which a hive needs`)
  if (socketPath !== undefined) return { user, password, database, socketPath }
  const ssl = tls ? { pem: ca, checks: 'issuer and host' as const } : undefined
  return { user, password, database, ssl, host: host ?? 'localhost', port }
}
