import { withBackend, type PgPool } from 'bullmq'
import { withoutPassword } from '../address.ts'
import { createBullmqWork } from '../bullmq/work.ts'
import type { Opened, WorkSettings } from '../opened.ts'
import { createDeliverer } from './deliverer.ts'
import { createPatientBackend } from './patient-backend.ts'
import { openPostgresPool, workersOf } from './postgres-pool.ts'
import { createSqlWorkStore } from './work-store.ts'

export function openOnPostgres ({ backend, connections, aheadMs = () => 0, onError }: WorkSettings): Opened {
  const pool = openPostgresPool({ url: backend, connections, onError })
  const workers = (queues: string[]): Promise<string[][]> => workersOf(pool, queues)
  return openOnSql(pool, { backend: 'postgres', address: withoutPassword(backend), workers, aheadMs }, onError)
}

type About = Pick<Parameters<typeof createSqlWorkStore>[0], 'backend' | 'address' | 'workers' | 'aheadMs'>

export function openOnSql (pool: PgPool, about: About, onError: (error: Error) => void): Opened {
  const { aheadMs = () => 0 } = about
  // Its jobs carry the time themselves.
  const { FlowProducer } = withBackend(createPatientBackend())
  const flows = new FlowProducer({ connection: pool })
  flows.on('error', onError)
  const store = createSqlWorkStore({ ...about, pool, onError })
  const close = async (): Promise<void> => {
    await flows.close()
    await store.close()
  }
  return {
    work: createBullmqWork({ ...store, close }),
    store: { kind: 'sql', pool, enqueuer: createDeliverer(flows.getBackend(), () => Date.now() + aheadMs()), onError }
  }
}
