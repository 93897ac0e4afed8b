import { errors } from '../../base/errors.ts'
import { ID_PATTERN } from '../../base/event.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { JobView } from '../../schemas/jobs.ts'
import { readEvents, readJob, readJobs } from '../dispatch/facts.ts'
import { sets } from '../documents/names.ts'
import { readAll } from '../documents/paging.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Jobs } from './jobs.ts'

/** Most events under one job that are looked at, and how many at once. */
const MAX_EVENTS = 10_000
const PIECE = 200
/** A key holds no dot: what stands after the first one is the process. */
const JOB_ID = /^[a-z0-9-]+\.(.+)$/

/** The jobs that a job has started by submitting events of its own. */
export interface ChildJobs {
  /**
   * The id of a parent as a sender gave it; undefined where it gave none.
   *
   * @throws UNKNOWN_PARENT naming `field` where there is no such job
   */
  check: (parent: unknown, field: string) => Promise<string | undefined>
  /** Oldest first. */
  list: (
    processName: string,
    id: string,
    range: { limit: number, cursor?: string | undefined }
  ) => Promise<{ items: JobView[], next: string | null }>
}

type Dependencies = { ledger: Pick<Ledger, 'get' | 'list'>, jobs: Pick<Jobs, 'views'>, lookups: () => Lookups }

export function createChildJobs (state: Dependencies): ChildJobs {
  return { check: check.bind(null, state), list: list.bind(null, state) }
}

async function check ({ ledger }: Dependencies, parent: unknown, field: string): Promise<string | undefined> {
  if (parent === undefined || parent === null) return undefined
  const isId = typeof parent === 'string' && new RegExp(ID_PATTERN).test(parent) && JOB_ID.test(parent)
  if (!isId || await readJob(ledger, parent) === undefined) throw errors.unknownParent(field)
  return parent
}

async function list (
  { ledger, jobs, lookups }: Dependencies,
  processName: string,
  id: string,
  { limit, cursor = '0' }: Parameters<ChildJobs['list']>[2]
): Promise<{ items: JobView[], next: string | null }> {
  if (!/^\d{1,7}$/.test(cursor)) throw errors.invalidQuery('cursor', 'is not one of this list')
  const parent = JOB_ID.test(id) ? await readJob(ledger, id) : undefined
  if (parent?.job.process !== processName) {
    throw lookups().processes.has(processName)
      ? errors.jobNotFound(processName, id)
      : errors.unknownProcess(processName)
  }
  const start = Number(cursor)
  const ids = await readChildren(ledger, id, start + limit + 1)
  const found = await readJobs(ledger, ids.slice(start, start + limit))
  const present = found.filter((one) => one !== undefined && one.document?.removed !== true)
  return {
    items: await jobs.views(present.filter((one) => one !== undefined)),
    next: ids.length > start + limit ? String(start + limit) : null
  }
}

/** The ids of the first `count` of them. */
async function readChildren (ledger: Dependencies['ledger'], id: string, count: number): Promise<string[]> {
  const keys = await readAll(ledger, sets.children(id), MAX_EVENTS)
  const found: string[] = []
  for (let start = 0; start < keys.length && found.length < count; start += PIECE) {
    const events = await readEvents(ledger, keys.slice(start, start + PIECE))
    found.push(...events.flatMap((event) => event?.value.jobs.map((job) => job.id) ?? []))
  }
  return found
}
