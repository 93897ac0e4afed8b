import type { Ledger } from '../../ledger/contract.ts'
import type { JobAddress } from '../../schemas/jobs.ts'
import { readJobs, type Found } from '../dispatch/facts.ts'
import { sets } from '../documents/names.ts'
import { readInParts, readPages, type Paged, type Range } from '../documents/paging.ts'
import { findRemedies } from './made-good.ts'
import { patternOf } from './pattern.ts'

export type FailureReads = { ledger: Pick<Ledger, 'get' | 'list' | 'count'> }

/** Which failed jobs; all conditions must be met. */
export type FailedJobs = {
  process?: string | undefined
  subject?: string | undefined
  reasonContains?: string | undefined
  /** What is alike in reasons of one cause, as a group of failures tells it. */
  pattern?: string | undefined
  /** These, and no others. */
  jobs?: JobAddress[] | undefined
  /** Also those that a later event has made good, and those that somebody has dismissed. */
  handled?: boolean | undefined
}

/** A failed job; `remedy` is the event that has made it good, where there is one. */
export type Failure = { found: Found, remedy: string | undefined }

/** The last failure first; those that were named in their order, on one page. */
export async function readFailures (
  { ledger }: FailureReads,
  filter: FailedJobs,
  range: Range
): Promise<Paged<Failure>> {
  const { process: name, handled, jobs } = filter
  if (jobs !== undefined) {
    const failures = await pick({ ledger }, { ...filter, handled: true }, jobs.map(([, id]) => id))
    return { items: failures.filter((one) => one !== undefined), next: null }
  }
  const lists = [name === undefined ? sets.failed : sets.failedOf(name), ...handled === true ? [sets.handled] : []]
  return await readPages(ledger, lists, range, async (members) =>
    await pick({ ledger }, filter, members.map(([, id]) => id)))
}

async function pick (
  { ledger }: FailureReads,
  filter: FailedJobs,
  ids: string[]
): Promise<Array<Failure | undefined>> {
  const read = await readInParts(ids, async (part) => await readJobs(ledger, part))
  const found = read.map((one) => one !== undefined && isMeant(one, filter) ? one : undefined)
  const meant = found.filter((one) => one !== undefined)
  const remedies = await findRemedies(ledger, meant)
  return found.map((one) => {
    const remedy = remedies.get(one?.job.id ?? '')
    return one === undefined || (remedy !== undefined && filter.handled !== true) ? undefined : { found: one, remedy }
  })
}

function isMeant ({ event: { event }, job, document }: Found, filter: FailedJobs): boolean {
  const { process: name, subject, reasonContains, pattern, handled } = filter
  if (document?.state !== 'failed' || document.removed === true) return false
  if (handled !== true && document.handled !== undefined) return false
  if (name !== undefined && job.process !== name) return false
  if (subject !== undefined && event.subject !== subject) return false
  if (pattern !== undefined && patternOf(document.reason ?? '') !== pattern) return false
  return reasonContains === undefined || document.reason?.includes(reasonContains) === true
}
