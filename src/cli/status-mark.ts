import type { BackfillStatus } from '../schemas/backfills.ts'
import type { EventStatus } from '../schemas/events.ts'
import type { JobStatus } from '../schemas/jobs.ts'
import type { Colors } from './screen.ts'

export type Status = JobStatus | EventStatus | BackfillStatus

const MARKS: Record<Status, [mark: string, color: 'green' | 'red' | 'cyan' | 'yellow' | 'magenta' | 'dim']> = {
  deferred: ['◌', 'dim'],
  submitted: ['○', 'dim'],
  running: ['●', 'cyan'],
  paused: ['⏸', 'yellow'],
  incomplete: ['●', 'cyan'],
  complete: ['✔', 'green'],
  failed: ['✖', 'red'],
  cancelled: ['⊘', 'yellow'],
  absorbed: ['⇒', 'magenta']
}

/** A newer service may have words that this client does not know. */
const markOf = (status: Status): typeof MARKS[Status] => MARKS[status] ?? ['·', 'dim']

export const statusMark = (status: Status, colors: Colors): string => paint(status, markOf(status)[0], colors)

export const statusWord = (status: Status, colors: Colors): string => paint(status, status, colors)

function paint (status: Status, text: string, colors: Colors): string {
  return colors[markOf(status)[1]](text)
}
