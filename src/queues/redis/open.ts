import { withoutPassword } from '../address.ts'
import { createBullmqWork } from '../bullmq/work.ts'
import type { Opened, WorkSettings } from '../opened.ts'
import { createComposedEnqueuer } from './composed.ts'
import { openRedis } from './connections.ts'
import { createRedisWorkStore } from './work-store.ts'

export function openOnRedis ({ backend, prefix, timeoutMs, aheadMs = () => 0, onError }: WorkSettings): Opened {
  const connections = openRedis({ url: backend, timeoutMs, onError })
  const address = withoutPassword(backend)
  const enqueuer = createComposedEnqueuer(prefix, () => Date.now() + aheadMs())
  return {
    work: createBullmqWork(createRedisWorkStore({ address, connections, prefix, aheadMs, onError })),
    store: { kind: 'redis', client: connections.commands, prefix, enqueuer }
  }
}
