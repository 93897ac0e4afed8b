import { withTimeout } from '../../base/timeout.ts'
import type { QueuedJob } from '../../base/queued-job.ts'
import type { SqlPool } from './pool.ts'

/** Puts jobs on their queues after the commit. Made where the queues are known. */
export interface Deliverer {
  /** Throws where the queue would refuse the job. */
  check: (job: QueuedJob) => void
  /** Answers for each what its queue said against it. Rejects where the datastore cannot answer. */
  deliver: (jobs: QueuedJob[]) => Promise<Array<Error | undefined>>
}

export type Owed = { seq: string, job: QueuedJob }

export interface Outbox {
  /** Delivers them soon. */
  owe: (owed: Owed[]) => void
  /** What was delivered since it was last asked: goes with the next commit. */
  takeDelivered: () => string[]
  /** Of a commit that failed. */
  giveBack: (delivered: string[]) => void
  sweep: (olderThanMs: number) => Promise<number>
  close: () => Promise<void>
}

/** Small, so that no worker waits long for the first of them. */
const BATCH = 100
/** What was delivered goes with the next commit, or after this. */
const TIDY_MS = 200
const SWEEP = 500
/** A delivery that is not answered by then is left to the sweeper: those behind it must not wait for ever. */
const DELIVER_MS = 30_000

type State = {
  pool: SqlPool
  deliverer: Deliverer
  deliverMs: number
  onError: (error: Error) => void
  waiting: Owed[]
  delivered: string[]
  delivering: Promise<void> | undefined
  tidying: NodeJS.Timeout | undefined
}

type Settings = Pick<State, 'pool' | 'deliverer' | 'onError'> & { deliverMs?: number }

export function createOutbox ({ deliverMs = DELIVER_MS, ...settings }: Settings): Outbox {
  const state: State = { ...settings, deliverMs, waiting: [], delivered: [], delivering: undefined, tidying: undefined }
  return {
    owe: (owed) => {
      state.waiting.push(...owed)
      state.delivering ??= deliverAll(state)
    },
    takeDelivered: () => state.delivered.splice(0, 1000),
    giveBack: (delivered) => { state.delivered.push(...delivered) },
    sweep: (olderThanMs) => sweep(state, olderThanMs),
    close: async () => {
      await state.delivering
      await tidy(state)
    }
  }
}

async function deliverAll (state: State): Promise<void> {
  // Those of one turn of the event loop go together.
  await new Promise(setImmediate)
  while (state.waiting.length > 0) {
    const batch = state.waiting.splice(0, BATCH)
    // What cannot be delivered now lies in the outbox: the sweeper does it.
    await deliver(state, batch).catch(state.onError)
  }
  state.delivering = undefined
}

async function deliver (state: State, batch: Owed[]): Promise<void> {
  const answers = await withTimeout(state.deliverer.deliver(batch.map(({ job }) => job)), state.deliverMs)
  const refused: string[] = []
  for (const [i, { seq, job }] of batch.entries()) {
    const error = answers[i]
    if (error === undefined) {
      state.delivered.push(seq)
    } else {
      refused.push(seq)
      state.onError(new Error(`job ${job.id} could not be put on queue ${job.queue}: ${error.message}`, { cause: error }))
    }
  }
  state.tidying ??= setTimeout(() => { tidy(state).catch(state.onError) }, TIDY_MS)
  // Behind the others, so that the sweeper is not held up.
  if (refused.length > 0) await state.pool.query(LATER, [refused])
}

async function tidy (state: State): Promise<void> {
  clearTimeout(state.tidying)
  state.tidying = undefined
  const taken = state.delivered.splice(0)
  if (taken.length === 0) return
  try {
    await state.pool.query('delete from signalbox.outbox where seq = any ($1)', [taken])
  } catch (error) {
    state.delivered.push(...taken)
    throw error
  }
}

async function sweep (state: State, olderThanMs: number): Promise<number> {
  await state.delivering
  await tidy(state)
  const { rows } = await state.pool.query(LEFT, [olderThanMs, SWEEP])
  const left = rows.map((row) => ({ seq: String(row['seq']), job: row['job'] as QueuedJob }))
  for (let i = 0; i < left.length; i += BATCH) await deliver(state, left.slice(i, i + BATCH))
  await tidy(state)
  return left.length
}

const NOW_MS = '(extract(epoch from clock_timestamp()) * 1000)::bigint'
const LATER = `update signalbox.outbox set at = ${NOW_MS} where seq = any ($1)`
const LEFT = `select seq, job from signalbox.outbox where at <= ${NOW_MS} - $1 order by at, seq limit $2`
