import { withoutPassword } from '../address.ts'
import { createBullmqWork } from '../bullmq/work.ts'
import type { Opened, WorkSettings } from '../opened.ts'
import { createComposedEnqueuer } from './composed.ts'
import { openRedis } from './connections.ts'
import { createRedisWorkStore } from './work-store.ts'

export function openOnRedis ({ backend, prefix, timeoutMs, onError }: WorkSettings): Opened {
  const connections = openRedis({ url: backend, timeoutMs, onError })
  return {
    work: createBullmqWork(createRedisWorkStore({ address: withoutPassword(backend), connections, prefix, onError })),
    store: { kind: 'redis', client: connections.commands, prefix, enqueuer: createComposedEnqueuer(prefix) }
  }
}
