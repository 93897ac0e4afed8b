import type { BackendClasses, IQueueBackend, RelayOptions } from 'bullmq'
import type { Children, FailedFilter, ListFilter, ListPage, ListRange, Note, Mark, Queues, StoredJob, Tree } from '../contract.ts'

/** Rows that one statement or script removes while pruning, so that nobody waits long for it. */
export const PRUNE_PIECE = 1000

/**
 * What differs between datastores, under the code that they share (bullmq.ts). `C` is BullMQ's type of a connection.
 */
export interface Engine<C> {
  readonly backend: Queues['backend']
  readonly address: string
  readonly classes: BackendClasses<IQueueBackend, C>
  /** Options that every Queue and Worker gets: the connection for that use, and where its keys lie. */
  options: (use: 'queue' | 'worker') => { connection: C, prefix?: string }
  relay: () => RelayOptions<C>
  addTrees: (trees: Tree[]) => Promise<Array<'added' | 'known' | Error>>
  fetch: (keys: Array<{ queue: string, id: string }>) => Promise<Array<StoredJob | undefined>>
  /** Where the datastore has a cheaper way than BullMQ's. */
  children?: (queue: string, id: string) => Promise<Children>
  list: (filter: ListFilter, range: ListRange) => Promise<ListPage>
  failed: (filter: FailedFilter, range: ListRange) => Promise<ListPage>
  countUnder: (root: string) => Promise<number>
  busyQueues: () => Promise<string[]>
  readNotes: (names: string[]) => Promise<Array<Note<unknown> | undefined>>
  writeNote: Queues['writeNote']
  mark: (marks: Mark[]) => Promise<void>
  unmark: Queues['unmark']
  marked: Queues['marked']
  /** Removes the event records that ended before (milliseconds), but for those that are kept. Answers how many. */
  pruneRecords: (before: number) => Promise<number>
  /** Removes what BullMQ does not know of and what nobody asks for any more. */
  sweep?: () => Promise<void>
  /** Connected workers of a queue, wherever they run. Absent where all are in this process. */
  countWorkers?: (queue: string) => Promise<number>
  ping: () => Promise<void>
  migrate: () => Promise<void>
  /** Told of errors of background connections, which must be heard or end the process. */
  onError: (error: Error) => void
  close: () => Promise<void>
}
