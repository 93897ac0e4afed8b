import type { JobState } from './job.ts'

/** What a unit brings about, for who counts it. `entry`: of the lookups, so that strangers make no new names. */
export type Told =
  | { kind: 'event', entry: string }
  | { kind: 'job', process: string, state: JobState, runMs: number | undefined, waitMs: number | undefined }
