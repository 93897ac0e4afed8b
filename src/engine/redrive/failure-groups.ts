import type { FailureGroup, FailureGroups } from '../../schemas/redrive.ts'
import type { Range } from '../documents/paging.ts'
import { readFailures, type FailedJobs, type Failure, type FailureReads } from './failures.ts'
import { patternOf } from './pattern.ts'

/** Failures that one answer counts; more are told by `next`. */
const MOST = 2000
/** Subjects that a group names. */
const SUBJECTS = 10

/** The largest group first. */
export async function groupFailures (reads: FailureReads, filter: FailedJobs, range: Range): Promise<FailureGroups> {
  const failures: Failure[] = []
  let next = range.cursor ?? null
  do {
    const limit = MOST - failures.length
    const page = await readFailures(reads, filter, { ...range, cursor: next ?? undefined, limit, piece: limit + 1 })
    failures.push(...page.items)
    next = page.next
  } while (next !== null && failures.length < MOST)
  return { items: toGroups(failures), total: failures.length, next }
}

/** Pure. */
export function toGroups (failures: Failure[]): FailureGroup[] {
  const groups = new Map<string, Failure[]>()
  for (const failure of failures) {
    const { job, document } = failure.found
    const key = JSON.stringify([job.process, patternOf(document?.reason ?? '')])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [failure])
    else group.push(failure)
  }
  return [...groups.values()].sort((a, b) => b.length - a.length).map(toGroup)
}

function toGroup (failures: Failure[]): FailureGroup {
  const [first] = failures
  const times = failures.map(({ found: { document } }) => document?.at ?? 0)
  const subjects = new Set(failures.flatMap(({ found: { event } }) => event.event.subject ?? []))
  const reason = first?.found.document?.reason ?? ''
  return {
    process: first?.found.job.process ?? '',
    pattern: patternOf(reason),
    reason,
    count: failures.length,
    first: new Date(Math.min(...times)).toISOString(),
    last: new Date(Math.max(...times)).toISOString(),
    subjects: [...subjects].slice(0, SUBJECTS),
    subject_count: subjects.size,
    jobs: failures.map(({ found: { job } }) => [job.process, job.id])
  }
}
