import type { Core } from '../dispatch/core.ts'
import { runOf } from '../dispatch/run.ts'
import { settleJob } from '../dispatch/settle-job.ts'
import type { Outcome, Report } from '../dispatch/settling.ts'
import type { FollowOn } from '../../base/event.ts'
import type { Tracer } from '../../base/trace.ts'
import { CANCELLED } from '../record.ts'
import { traceEnded } from './ended-trace.ts'

/**
 * A job that somebody has ended on its queue who does not know the ledger: a foreign worker, or
 * BullMQ when it gives one up.
 */
export type ForeignEnd = {
  queue: string
  id: string
  data: unknown
  result: { returned: unknown } | { failed: string }
  report?: Report
}

export type Collecting = Core & {
  /** Jobs that lie ended on a queue. */
  ended: (queue: string, limit: number) => Promise<ForeignEnd[]>
  remove: (queue: string, id: string) => Promise<void>
  /** @throws where it is no outcome of a process */
  readOutcome: (value: unknown) => { output?: unknown, events?: FollowOn[] | undefined }
  tracer?: Tracer | undefined
}

const PAGE = 200

/**
 * Settles what others have ended, like an outcome of our own. Answers how many. Harmless when
 * repeated: twice collected is dropped.
 */
export async function collect (core: Collecting, queue: string): Promise<number> {
  const ends = await core.ended(queue, PAGE)
  for (const end of ends) {
    await settleEnded(core, end)
    await core.remove(queue, end.id)
  }
  return ends.length
}

async function settleEnded (core: Collecting, { id, data, result, report }: ForeignEnd): Promise<void> {
  const run = runOf(id, data)
  const outcome = outcomeOf(core, result)
  const trace = await traceEnded(core, run, report?.attempt)
  const settled = await settleJob(core, run, outcome, { ...report, traceOf: trace?.traceOf })
  const reason = outcome.state === 'complete' ? undefined : outcome.reason
  trace?.end(outcome.state, reason, settled, report?.attempt?.ended)
}

/** A foreign worker may say so too. */
const isCancelled = (reason: string): boolean => reason === CANCELLED || reason.startsWith(`${CANCELLED}: `)

function outcomeOf ({ readOutcome }: Collecting, result: ForeignEnd['result']): Outcome {
  if ('failed' in result) return { state: isCancelled(result.failed) ? 'cancelled' : 'failed', reason: result.failed }
  try {
    const { output, events = [] } = readOutcome(result.returned)
    return { state: 'complete', output, events }
  } catch (error) {
    return {
      state: 'complete',
      output: result.returned,
      events: [],
      unread: error instanceof Error ? error.message : String(error)
    }
  }
}
