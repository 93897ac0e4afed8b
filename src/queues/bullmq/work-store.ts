import type { BackendClasses, IQueueBackend, RelayOptions } from 'bullmq'
import type { Condition, JobKey, QueueCounts, StoredJob, Work } from '../work.ts'
import type { Ahead } from './datastore-clock.ts'

/** What differs between datastores, under the work that they share. `C` is BullMQ's type of a connection. */
export interface WorkStore<C> {
  readonly backend: Work['backend']
  readonly address: string
  readonly classes: BackendClasses<IQueueBackend, C>
  readonly aheadMs: Ahead
  /** Options that every Queue and Worker gets: the connection for that use, and where its keys lie. */
  options: (use: 'queue' | 'worker') => { connection: C, prefix?: string }
  relay: () => RelayOptions<C>
  get: (keys: JobKey[]) => Promise<Array<StoredJob | undefined>>
  active: (queue: string, limit: number) => Promise<StoredJob[]>
  ends: (queues: string[], limit: number) => Promise<StoredJob[]>
  counts: (queues: string[]) => Promise<Array<Omit<QueueCounts, 'workers'>>>
  /** Names of the connected workers of each queue, wherever they run. Absent where all are in this process. */
  workers?: ((queues: string[]) => Promise<string[][]>) | undefined
  busyQueues: () => Promise<string[]>
  earlierNote: (name: string) => Promise<unknown>
  ping: () => Promise<void>
  condition: (highWater: number) => Promise<Condition>
  migrate: () => Promise<void>
  /** Told of errors of background connections, which must be heard or end the process. */
  onError: (error: Error) => void
  close: () => Promise<void>
}
