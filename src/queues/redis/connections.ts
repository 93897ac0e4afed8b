import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { withTimeout } from '../../base/timeout.ts'
import { readRedisAddress, untilUp, type RedisClient } from './options.ts'
import { makePatient } from './patient.ts'

type Settings = { url: string, timeoutMs: number, onError: (error: Error) => void }

/**
 * `commands` fails fast instead of waiting for a Redis that is away, and never repeats a command whose fate is
 * unknown; a cluster repeats what a node has not answered that is gone.
 */
export interface RedisConnections {
  commands: RedisClient
  blocking: RedisClient
  ready: () => Promise<void>
  close: () => void
}

const retryStrategy = (times: number): number => Math.min(50 * 2 ** times, 1000)

/** A primary that has become a replica keeps its connections: only a new one leads to the primary of now. */
const reconnectOnError = (error: Error): boolean => /READONLY/.test(error.message)

export function openRedis ({ url, timeoutMs, onError }: Settings): RedisConnections {
  const address = readRedisAddress(url)
  // Whoever must answer in time gives up before that, and does not count the time in which this process stood still.
  const quick = { commandTimeout: 2 * timeoutMs, connectTimeout: timeoutMs, autoResendUnfulfilledCommands: false }

  function open (options: RedisOptions, enableOfflineQueue: boolean): RedisClient {
    const all = { ...address.options, ...options, maxRetriesPerRequest: null, reconnectOnError }
    const client = address.kind === 'cluster'
      ? new Cluster(address.nodes, { redisOptions: all, enableOfflineQueue, clusterRetryStrategy: retryStrategy })
      : new Redis({
        ...all,
        enableOfflineQueue,
        retryStrategy,
        sentinelRetryStrategy: retryStrategy,
        failoverDetector: address.kind === 'sentinel'
      })
    client.on('error', onError)
    return makePatient(client)
  }

  const commands = open(quick, false)
  const blocking = open({}, true)
  return {
    commands,
    blocking,
    ready: async () => { await withTimeout(Promise.all([untilUp(commands), untilUp(blocking)]), timeoutMs) },
    close: () => { for (const client of [commands, blocking]) client.disconnect() }
  }
}
