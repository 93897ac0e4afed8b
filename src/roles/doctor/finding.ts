import type { QueueCounts } from '../../queues/work.ts'
import type { Config } from '../config.ts'
import type { Program } from '../program.ts'

/** What was looked at, what was found, and, where that is not well, what to do. */
export type Finding = { about: string, found: string, todo?: string | undefined }

export type DoctorGiven = Pick<Program, 'env' | 'version'> & { config: Config }

type Counts = Pick<QueueCounts, 'workers' | 'waiting' | 'paused' | 'failed'>

export function queueFinding (queue: string, { workers, waiting, paused, failed }: Counts): Finding {
  const served = `${workers} ${workers === 1 ? 'worker' : 'workers'}${paused ? ', paused' : ''}`
  const found = `${queue}: ${served}, ${waiting} waiting, ${failed} failed`
  if (workers > 0) return { about: 'queue', found }
  return {
    about: 'queue',
    found,
    todo: 'nobody takes its jobs: start signalbox worker (or the foreign worker that serves it)'
  }
}
