import type { BackfillStatus } from '../schemas/backfills.ts'
import type { EventStatus } from '../schemas/events.ts'
import type { JobStatus } from '../schemas/jobs.ts'

/** Exit codes of the client commands, for scripts. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, unavailable: 4, cancelled: 5, running: 6 } as const

export const EXIT_CODES = `Exit codes:
  0  done; with --wait: complete
  1  with --wait: a job failed
  2  the command line is at fault
  3  the service refused (4xx); with --dry-run: it would
  4  the service cannot be reached or is in trouble (5xx)
  5  with --wait: a job was cancelled
  6  with --wait: still running when the time was up
`

/** The exit code of a wait that ended with this. */
export function exitCodeOf (status: EventStatus | JobStatus | BackfillStatus): number {
  if (status === 'complete' || status === 'absorbed') return EXIT.ok
  if (status === 'failed') return EXIT.failed
  return status === 'cancelled' ? EXIT.cancelled : EXIT.running
}
