/** The job whose follow-on event it is, and its place in the job's result. */
export type Cause = { event: string, process: string, job: string, index: number }

/**
 * A follow-on event after its dispatch. `refused` says why it started nothing; without a key it was not even recorded.
 */
export type Dispatched = { type: string, key?: string, refused?: string }

/** The reason of a job that was cancelled; what tells it from one that failed. */
export const CANCELLED = 'cancelled'

/** The reason of a job that was not cancelled by a person. */
export const cancelledBecause = (why: string): string => `${CANCELLED}: ${why}`
