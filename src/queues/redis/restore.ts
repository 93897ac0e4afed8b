import type { Redis } from 'ioredis'
import { errors, SignalboxError } from '../../base/errors.ts'
import { primariesOf } from './condition.ts'
import { openRedis } from './connections.ts'
import { readRedisAddress, type RedisClient } from './options.ts'
import { openRdb } from './rdb-server.ts'

export type RestoreSettings = {
  address: string
  /** Where the keys lie. */
  prefix: string
  /** As redis-cli has written it. */
  file: string
  /** Where redis-server is looked for. */
  path: string | undefined
}

/** A value may be large, and the line slow. */
const ANSWER_MS = 60_000
const BATCH = 500

/**
 * Writes the keys of a file of Redis that begin with the prefix into a Redis that has none of them. What was written is
 * taken away again where not all can be. Answers how many there are.
 *
 * @throws DATASTORE_UNFIT where there are some already, or the file cannot be read
 */
export async function restoreRedis ({ address, prefix, file, path }: RestoreSettings): Promise<number> {
  const pattern = `${prefix.replaceAll(/[[\]*?\\]/g, '\\$&')}:*`
  const { commands: target, ready, close } = openRedis({ url: address, timeoutMs: ANSWER_MS, onError: () => {} })
  try {
    await ready()
    if (await hasAny(target, pattern)) {
      throw errors.datastoreUnfit(`it has keys of ${prefix} already, which a backup does not replace: name an empty one`)
    }
    const source = await openRdb(file, dbOf(address), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw error
      throw errors.datastoreUnfit(`${file} is no backup that can be read: ${error.message}`)
    })
    try {
      return await copyAll(source.client, target, pattern)
    } finally {
      await source.close()
    }
  } finally {
    close()
  }
}

/** A cluster has but one; its backup is that of each node. */
function dbOf (address: string): number {
  const { kind, options } = readRedisAddress(address)
  return kind === 'cluster' ? 0 : options.db ?? 0
}

async function hasAny (client: RedisClient, pattern: string): Promise<boolean> {
  for (const node of primariesOf(client)) {
    for await (const keys of scan(node, pattern)) if (keys.length > 0) return true
  }
  return false
}

const scan = (node: Redis, match: string): AsyncIterable<string[]> => node.scanStream({ match, count: BATCH })

async function copyAll (source: Redis, target: RedisClient, pattern: string): Promise<number> {
  const written = new Set<string>()
  try {
    for await (const keys of scan(source, pattern)) {
      // A scan may tell of a key twice.
      const fresh = keys.filter((key) => !written.has(key))
      for (const key of fresh) written.add(key)
      await Promise.all(fresh.map((key) => copy(source, target, key)))
    }
    return written.size
  } catch (error) {
    const left = await removeAll(target, written).then(() => 'nothing', () => 'a part')
    const message = `it was not restored, and ${left} of it is there: ${(error as Error).message}`
    throw new SignalboxError('TOOL_FAILED', 500, message, { cause: error })
  }
}

async function removeAll (target: RedisClient, keys: Iterable<string>): Promise<void> {
  for (const key of keys) await target.unlink(key)
}

async function copy (source: Redis, target: RedisClient, key: string): Promise<void> {
  const [value, ms] = await Promise.all([source.dumpBuffer(key), source.pttl(key)])
  // A lock may have run out meanwhile.
  if (value !== null) await target.restore(key, Math.max(ms, 0), value)
}
