import type { FailureGroup, FailureGroups } from '../../schemas/redrive.ts'
import { api } from './session.ts'

export type FailedFilter = {
  process?: string | undefined
  subject?: string | undefined
  reason_contains?: string | undefined
  since?: string | undefined
  handled?: boolean | undefined
}

/** Failed jobs by cause, the largest group first; `isCut`: there are more than one answer counts. */
export async function readGroups (filter: FailedFilter): Promise<FailureGroups & { isCut: boolean }> {
  const groups = await api().groupFailedJobs(filter)
  return { ...groups, isCut: groups.next !== null }
}

/** A cause as it stands in an address. */
export const keyOf = ({ process, pattern }: FailureGroup): string => `${process} ${pattern}`

export const jobsIn = (count: number, isCut = false): string =>
  `${count}${isCut ? '+' : ''} ${count === 1 ? 'job' : 'jobs'}`
