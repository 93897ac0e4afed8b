import type { JobView } from '../../schemas/jobs.ts'
import { api } from './session.ts'

export type FailedFilter = { process?: string, subject?: string, since?: string }

/** More than these are told as "more than". */
const MOST = 2000
const PAGE = 200

/** Failed jobs, the last failure first. */
export async function readFailures (
  filter: FailedFilter,
  signal: AbortSignal,
  most = MOST
): Promise<{ jobs: JobView[], isCut: boolean }> {
  const jobs: JobView[] = []
  let cursor: string | undefined
  do {
    const page = await api().listFailedJobs({ ...filter, limit: PAGE, cursor })
    signal.throwIfAborted()
    jobs.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined && jobs.length < most)
  return { jobs, isCut: cursor !== undefined }
}
