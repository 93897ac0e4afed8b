import type { Lookups } from '../lookups/lookups.ts'
import { EVENTS_QUEUE, GATES_QUEUE, isEnded, type Queues, type StoredJob } from '../../queues/contract.ts'
import type { EventRecord, JobData, RecordedJob } from '../record.ts'
import type { Settle } from '../dispatch/settle.ts'
import { gateIdOf, upstreamName } from '../dispatch/gate-key.ts'
import { upstreamOf } from '../dispatch/upstream.ts'

/** An event is marked before it is written; one that is not there by then never will be. */
const WRITING_MS = 60_000
/** Events of a key that are looked at. */
const MAX_MARKED = 10_000

type Dependencies = { queues: Pick<Queues, 'marked' | 'unmark' | 'getMany'>, lookups: () => Lookups, settle: Settle }

/** A deferred process, its key, and the events whose triggers are merged already; undefined where no more can be. */
type Deferred = { process: string, key: string, merged: ReadonlySet<string> | undefined }

/**
 * What is under way for a key that may still cause a trigger of a deferred process, or is a trigger on its way to the one
 * that waits: for people to read, or undefined.
 *
 * A job is settled before it counts as ended, and what it causes is marked before it is settled: so all is found by
 * looking again until a look shows nothing new.
 */
export async function pendingUpstream ({ queues, lookups, settle }: Dependencies, { process: processName, key, merged }: Deferred): Promise<string | undefined> {
  const upstream = upstreamOf(lookups()).get(processName)
  if (upstream === undefined) return undefined
  const set = upstreamName(processName, key)
  const done = new Set<string>()
  for (;;) {
    const marks = (await queues.marked(set, MAX_MARKED)).filter(({ id }) => !done.has(id))
    if (marks.length === 0) return undefined
    const roots = await queues.getMany(marks.map(({ id }) => ({ queue: EVENTS_QUEUE, id })))
    const over: string[] = []
    for (const [i, { id, at }] of marks.entries()) {
      const root = roots[i]
      if (root === undefined && Date.now() - at < WRITING_MS) return `event ${id}, which is being written`
      if (root === undefined || isEnded(root.state)) over.push(id)
      else {
        const open = await firstOpen(root)
        if (open !== undefined) return open
      }
      done.add(id)
    }
    await queues.unmark(set, over)
  }

  async function firstOpen (root: StoredJob): Promise<string | undefined> {
    const record = root.data as EventRecord
    const jobs = record.jobs.filter((job) => upstream?.processes.has(job.process) || isToMerge(job, root.id))
    const found = await queues.getMany(jobs.flatMap((job) => addressesOf(job)))
    for (const [i, job] of jobs.entries()) {
      const [live, gate] = [found[2 * i], found[2 * i + 1]]
      if (isToMerge(job, root.id)) {
        if (live === undefined && gate !== undefined && !isEnded(gate.state) && (gate.data as JobData).round === undefined) return `job ${job.id}, which is about to be absorbed`
        continue
      }
      const state = live ?? (job.gated === true ? gate : undefined)
      if (state !== undefined && !isEnded(state.state)) return `job ${job.id} of ${job.process}, which is ${state === gate ? 'deferred' : state.state} and may cause another trigger`
      if (live?.state === 'completed') await settle(record, root.id, job, live.returnValue)
    }
    return undefined
  }

  function isToMerge (job: RecordedJob, event: string): boolean {
    return merged !== undefined && !merged.has(event) && job.process === processName && job.gated === true
  }
}

/** Where a job may be: on the queue of its process, and at its gate. */
export const addressesOf = ({ queue, id }: RecordedJob): Array<{ queue: string, id: string }> => [{ queue, id }, { queue: GATES_QUEUE, id: gateIdOf(id) }]
