import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisClient } from './options.ts'

/** Between two tries of the first question. */
const RETRY_MS = 250
const POLICY = /^maxmemory_policy:.*$/m

/**
 * BullMQ asks INFO once for each of its objects, and remembers for good where that failed: one slow moment, and a queue
 * is never answered again. Here INFO is asked until it is answered. What it says of evicting we tell ourselves
 * (condition.ts), where BullMQ would write a line for each object, past the log.
 */
export function makePatient<C extends RedisClient> (client: C): C {
  const info = client.info.bind(client) as () => Promise<string>
  const duplicate = client.duplicate.bind(client) as (...given: unknown[]) => C
  return Object.assign(client, {
    info: async (...given: string[]): Promise<string> => given.length > 0
      ? await (info as (...sections: string[]) => Promise<string>)(...given)
      : (await untilAnswered(client, info)).replace(POLICY, 'maxmemory_policy:noeviction'),
    duplicate: (...given: unknown[]): C => makePatient(duplicate(...given))
  })
}

async function untilAnswered (client: RedisClient, info: () => Promise<string>): Promise<string> {
  for (;;) {
    try {
      return await info()
    } catch (error) {
      // Whoever closes it does not wait for an answer.
      if (client.status === 'end') throw error
      await sleep(RETRY_MS)
    }
  }
}
