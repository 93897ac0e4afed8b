/**
 * A job of a hive as far as its status goes. `controls`: the semaphore that it holds until it is done. A job that we
 * have discarded has the status DISCARDED, which no hive knows.
 */
export type HiveJob = { id: number, parent: number | null, analysis: string, status: string, controls: number | null }

/** A seeded job, all that has come of it, and what its semaphored jobs wait for. */
export interface HiveTree {
  root: number
  jobs: ReadonlyMap<number, HiveJob>
  /** The jobs that a job has made. */
  below: (id: number) => HiveJob[]
  /** Those that a job at a semaphore waits for, or has waited for. */
  awaited: (id: number) => HiveJob[]
  /** Whether a job has a row in the table of results. */
  hasResult: (id: number) => boolean
}

/** The words of the original service. */
export type HiveStatus = 'submitted' | 'running' | 'complete' | 'failed' | 'incomplete'

export const DISCARDED = 'DISCARDED'

/** As for eHive itself: a job that has passed its work on, such as to an analysis with more memory, is complete. */
const COMPLETE: ReadonlySet<string> = new Set(['DONE', 'PASSED_ON'])

export const isComplete = ({ status }: HiveJob): boolean => COMPLETE.has(status)

const WORDS: ReadonlyMap<string, HiveStatus> = new Map([['READY', 'submitted'], ['RUN', 'running']])

/** `semaphores`: job and semaphore, for those that wait at one. `results`: the jobs that have a result. */
export function createTree (
  root: number,
  all: HiveJob[],
  semaphores: ReadonlyMap<number, number>,
  results: ReadonlySet<number>
): HiveTree {
  const jobs = new Map(all.map((job) => [job.id, job]))
  const children = group(all, (job) => job.parent)
  const holders = group(all, (job) => job.controls)
  return {
    root,
    jobs,
    below: (id) => children.get(id) ?? [],
    // Where no holder is recorded, it is those that were made beside it.
    awaited: (id) => {
      const held = (holders.get(semaphores.get(id) ?? -1) ?? []).filter((job) => job.id !== id)
      return held.length > 0 ? held : (children.get(jobs.get(id)?.parent ?? -1) ?? []).filter((job) => job.id !== id)
    },
    hasResult: (id) => results.has(id)
  }
}

/**
 * Where a job stands with all that came of it. One that is done and has a result is complete. Else a failed job
 * anywhere below it makes it failed, whatever runs beside that; one that is complete is what its first child is that
 * is not complete.
 */
export function hiveStatus (tree: HiveTree, id: number = tree.root): HiveStatus {
  const job = tree.jobs.get(id)
  if (job !== undefined && isComplete(job) && tree.hasResult(id)) return 'complete'
  return hasFailed(tree, id) ? 'failed' : wordOf(tree, job)
}

export type SemaphoreStatus = Extract<HiveStatus, 'complete' | 'failed' | 'incomplete'>

/** What has become of the jobs that a job at a semaphore waits for. */
export function semaphoreStatus (tree: HiveTree, id: number): SemaphoreStatus {
  const awaited = tree.awaited(id)
  if (awaited.some((job) => hasFailed(tree, job.id))) return 'failed'
  return awaited.every((job) => wordOf(tree, job) === 'complete') ? 'complete' : 'incomplete'
}

/** Of one below which nothing has failed. */
function wordOf (tree: HiveTree, job: HiveJob | undefined): HiveStatus {
  if (job?.status === 'SEMAPHORED') return semaphoreStatus(tree, job.id) === 'failed' ? 'failed' : 'incomplete'
  if (job === undefined || !isComplete(job)) return WORDS.get(job?.status ?? '') ?? 'incomplete'
  if (tree.hasResult(job.id)) return 'complete'
  for (const child of tree.below(job.id)) {
    const word = wordOf(tree, child)
    if (word !== 'complete') return word
  }
  return 'complete'
}

/** The job itself, or one below it. */
function hasFailed (tree: HiveTree, id: number): boolean {
  const ids = [id]
  for (const one of ids) {
    if (tree.jobs.get(one)?.status === 'FAILED') return true
    ids.push(...tree.below(one).map((job) => job.id))
  }
  return false
}

function group (jobs: HiveJob[], keyOf: (job: HiveJob) => number | null): Map<number, HiveJob[]> {
  const groups = new Map<number, HiveJob[]>()
  for (const job of jobs) {
    const key = keyOf(job)
    if (key === null) continue
    const found = groups.get(key)
    if (found === undefined) groups.set(key, [job])
    else found.push(job)
  }
  return groups
}
