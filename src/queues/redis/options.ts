import { once } from 'node:events'
import type { Redis, RedisOptions } from 'ioredis'

/** Of `redis://user:password@host:port/db`; TLS with `rediss:`. */
export function toOptions (url: string): RedisOptions {
  const { hostname, port, username, password, pathname, protocol } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6379 : Number(port),
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    db: Number(pathname.slice(1) || 0),
    tls: protocol === 'rediss:' ? {} : undefined
  }
}

/** A connection that is not up yet would refuse its first command. */
export const untilUp = async (client: Redis): Promise<void> => {
  if (client.status !== 'ready') {
    await once(client, 'ready')
  }
}
