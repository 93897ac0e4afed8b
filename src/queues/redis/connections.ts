import { Redis, type RedisOptions } from 'ioredis'
import { withTimeout } from '../timeout.ts'
import { toOptions, untilUp } from './options.ts'

type Settings = { url: string, timeoutMs: number, onError: (error: Error) => void }

/**
 * `commands` fails fast instead of waiting for a Redis that is away, and never repeats a command whose fate is
 * unknown.
 */
export interface RedisConnections {
  commands: Redis
  blocking: Redis
  ready: () => Promise<void>
  close: () => void
}

export function openRedis ({ url, timeoutMs, onError }: Settings): RedisConnections {
  const base = toOptions(url)
  const open = (options: RedisOptions): Redis => {
    const retryStrategy = (times: number): number => Math.min(50 * 2 ** times, 1000)
    const client = new Redis({ ...options, maxRetriesPerRequest: null, retryStrategy })
    client.on('error', onError)
    return client
  }
  const commands = open({
    ...base,
    commandTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false
  })
  const blocking = open(base)
  return {
    commands,
    blocking,
    ready: async () => { await withTimeout(Promise.all([untilUp(commands), untilUp(blocking)]), timeoutMs) },
    close: () => { for (const client of [commands, blocking]) client.disconnect() }
  }
}
