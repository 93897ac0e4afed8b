import { once } from 'node:events'
import type { Cluster, Redis, RedisOptions } from 'ioredis'
import { errors } from '../../base/errors.ts'
import { readHosts, type Host } from '../host-list.ts'

export type RedisClient = Redis | Cluster

/** `rediss` in place of `redis` means TLS, to sentinels and nodes too. */
export type RedisAddress =
  | { kind: 'server' | 'sentinel', options: RedisOptions }
  | { kind: 'cluster', nodes: Host[], options: RedisOptions }

const PORT = 6379
const SENTINEL_PORT = 26379

/**
 * Of `redis://user:password@host:port/db`, `redis+sentinel://user:password@h1:26379,h2/name/db` (the sentinels' own
 * password as `?sentinel_password=`) and `redis+cluster://user:password@h1:6379,h2`.
 */
export function readRedisAddress (address: string): RedisAddress {
  const isSentinel = /^rediss?\+sentinel:/.test(address)
  const { first, hosts } = readHosts(address, isSentinel ? SENTINEL_PORT : PORT)
  const { username, password, pathname, protocol, searchParams } = new URL(first)
  const shared: RedisOptions = {
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    tls: protocol.startsWith('rediss') ? {} : undefined
  }
  const path = pathname.split('/').slice(1)
  if (/^rediss?\+cluster:/.test(address)) return { kind: 'cluster', nodes: hosts, options: shared }
  if (!isSentinel) {
    const [only] = hosts
    if (only === undefined || hosts.length > 1) {
      throw unfit('names several hosts: redis+cluster or redis+sentinel is meant')
    }
    return { kind: 'server', options: { ...shared, ...only, db: Number(path[0] ?? 0) || 0 } }
  }
  const [name = '', db = '0'] = path
  if (name === '') throw unfit('lacks the name of the primary: redis+sentinel://h1,h2,h3/name')
  const sentinel: RedisOptions = {
    sentinels: hosts,
    name: decodeURIComponent(name),
    sentinelPassword: searchParams.get('sentinel_password') ?? undefined,
    sentinelTLS: shared.tls,
    enableTLSForSentinelMode: shared.tls !== undefined
  }
  return { kind: 'sentinel', options: { ...shared, ...sentinel, db: Number(db) || 0 } }
}

const unfit = (message: string): Error => errors.invalidConfig([`SIGNALBOX_BACKEND: the address ${message}`])

/** A connection that is not up yet would refuse its first command. */
export const untilUp = async (client: RedisClient): Promise<void> => {
  if (client.status !== 'ready') {
    await once(client, 'ready')
  }
}
