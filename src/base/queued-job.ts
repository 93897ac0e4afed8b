/** A job for a queue. Checked before anything is recorded: what the queue would refuse is not. */
export type QueuedJob = { queue: string, id: string, name: string, data: object, options?: QueuedJobOptions }

export type QueuedJobOptions = {
  attempts?: number
  /** `delays`: the pause before each further attempt; the last one for all that follow. */
  backoff?: { type: 'fixed' | 'exponential', delay: number } | { type: 'list', delays: number[] }
  priority?: number
  delay?: number
  /** Kept on its queue when it ends, for one who collects the ends of foreign workers. */
  keep?: boolean
}
