import type { Draft } from '../documents/draft.ts'
import type { GateDocument, Waiting } from '../documents/gate.ts'
import type { JobDocument } from '../documents/job.ts'
import { jobDoc, sets } from '../documents/names.ts'
import type { Definition } from '../lookups/lookups.ts'
import type { Comer, LookFacts } from './look-facts.ts'

/** A look in the making: what is decided so far. */
export type Look = {
  facts: LookFacts
  definition: Definition | undefined
  draft: Draft
  /** The document as it will be. */
  value: GateDocument
  /** The job that waits, as it was read. */
  comer: Comer | undefined
  /** Those that have not been dealt with yet. */
  again: Comer[]
  arrivals: Comer[]
  running: number
  wideRunning: number
  stop: string[]
  /** Moments at which it must be looked at again, however nothing happens until then. */
  times: number[]
  hasPassed: boolean
  lookAgain: boolean
}

/** A job that is here no more; by its revision, for it may come again at any moment. */
export function drop ({ facts: { gate }, draft }: Look, list: 'again' | 'arrivals', { job, rev }: Comer): void {
  draft.leave(sets[list](gate.name), job.id)
  draft.expect(jobDoc(job.id), rev)
}

/** What a job remembers of the time in which it stood for others. */
export const keptOf = ({ latest, latestAt, count, last, lastAt }: Waiting): Kept => ({
  latest,
  latestAt,
  absorbed: count,
  last,
  lastAt
})

export type Kept = Pick<JobDocument, 'latest' | 'latestAt' | 'last' | 'lastAt' | 'absorbed'>
