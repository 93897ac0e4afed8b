import { Cluster, type Redis } from 'ioredis'
import { errors } from '../../base/errors.ts'
import type { Condition } from '../work.ts'
import type { RedisClient } from './options.ts'

/** Below it BullMQ and the ledger's scripts lack commands. */
const OLDEST = [6, 2]

export const primariesOf = (client: RedisClient): Redis[] =>
  client instanceof Cluster ? client.nodes('master') : [client]

/**
 * What speaks against this Redis.
 *
 * @throws DATASTORE_UNFIT where it is too old to be used at all
 */
export async function readCondition (client: RedisClient, highWater: number): Promise<Condition> {
  const all = await Promise.all(primariesOf(client).map((node) => conditionOf(node, highWater)))
  return {
    full: all.find(({ full }) => full !== undefined)?.full,
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))]
  }
}

async function conditionOf (node: Redis, highWater: number): Promise<Condition> {
  const [info, save] = await Promise.all([node.info('default'), savesOf(node)])
  const fields = new Map(
    [...info.matchAll(/^([^:#\r\n]+):([^\r\n]*)/gm)].map(([, name = '', value = '']) => [name, value])
  )
  refuseOld(fields)
  const policy = fields.get('maxmemory_policy') ?? 'noeviction'
  const warnings: string[] = []
  if (policy !== 'noeviction') {
    warnings.push(
      `Redis may throw away what was acknowledged: its maxmemory-policy is ${policy}, and must be noeviction`
    )
  }
  if (fields.get('aof_enabled') === '0' && save === '') {
    warnings.push('Redis keeps nothing over a restart: neither appendonly nor save is set')
  } else if (fields.get('aof_enabled') === '0') {
    warnings.push('Redis loses what came since its last snapshot when it dies: appendonly is not set')
  }
  const [used, most] = ['used_memory', 'maxmemory'].map((name) => Number(fields.get(name) ?? 0)) as [number, number]
  const full = most > 0 && used >= most * highWater / 100
    ? `Redis has used ${Math.floor(used / most * 100)} % of its maxmemory, and ${highWater} % are the most`
    : undefined
  return { full, warnings }
}

function refuseOld (fields: ReadonlyMap<string, string>): void {
  // Others tell a version of their own beside the one of Redis that they are compatible with.
  const version = fields.get('redis_version') ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldMajor = 0, oldMinor = 0] = OLDEST
  if (version === '' || major > oldMajor || (major === oldMajor && minor >= oldMinor)) return
  throw errors.datastoreUnfit(`Redis ${version} is too old: ${OLDEST.join('.')} is the oldest that can be used`)
}

/** Undefined where one may not ask, as on many hosted ones. */
async function savesOf (node: Redis): Promise<string | undefined> {
  try {
    const [, value] = await node.config('GET', 'save') as string[]
    return value
  } catch {
    return undefined
  }
}
