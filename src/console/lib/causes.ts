import type { JobView } from '../../schemas/jobs.ts'

/** Failed jobs of one process whose reasons differ in names and numbers only. */
export type Cause = {
  key: string
  process: string
  /** The reason of the latest of them. */
  reason: string
  jobs: JobView[]
  first: string
  last: string
  subjects: string[]
}

const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g
const ID = /\b(?=[0-9a-f-]*\d)[0-9a-f][0-9a-f-]{6,}\b/gi
const NUMBER = /\d+(?:[.,:]\d+)*/g

/** What reasons of one kind share. */
export const patternOf = (reason: string): string =>
  reason.slice(0, 500).replace(QUOTED, '…').replace(ID, '…').replace(NUMBER, '…')

/** The causes of these failures, the latest first. Takes the jobs the last failure first, as the service lists them. */
export function causesOf (jobs: JobView[]): Cause[] {
  const causes = new Map<string, Cause>()
  for (const job of jobs) {
    const reason = job.reason ?? 'no reason was told'
    const at = job.timestamps.ended ?? job.timestamps.submitted ?? ''
    const key = `${job.process} ${patternOf(reason)}`
    const found = causes.get(key)
    if (found === undefined) {
      causes.set(key, {
        key,
        process: job.process,
        reason,
        jobs: [job],
        first: at,
        last: at,
        subjects: subjectOf(job)
      })
      continue
    }
    found.jobs.push(job)
    if (at < found.first) found.first = at
    for (const subject of subjectOf(job)) if (!found.subjects.includes(subject)) found.subjects.push(subject)
  }
  return [...causes.values()]
}

function subjectOf ({ input }: JobView): string[] {
  const subject = input?.['subject']
  return typeof subject === 'string' ? [subject] : []
}
