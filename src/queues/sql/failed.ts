import { CANCELLED } from '../../engine/record.ts'
import { GATES_QUEUE, OWN_QUEUES, type FailedFilter, type ListRange } from '../contract.ts'
import { readCursor } from '../cursor.ts'

/** A job may fail at its gate. */
const NOT_OF_PROCESSES = [...OWN_QUEUES].filter((queue) => queue !== GATES_QUEUE).map((queue) => `'${queue}'`).join(', ')
/** With what `isCancelled` says of a reason. */
const FAILED = `state = 'failed' AND coalesce(failed_reason, '') !~ '^${CANCELLED}(: |$)'`

/**
 * BullMQ's index of finished jobs begins with the queue: the failed jobs of all queues, newest first, would be read whole
 * and sorted. Only a job that fails pays for these two, with one entry in each (and gives it back when it runs again);
 * BullMQ's own statements do not say what the condition asks for, so that they never use them.
 */
export const FAILED_INDEXES = [
  { name: 'signalbox_failed_idx', on: `(finished_at_ms DESC, id DESC) WHERE ${FAILED}` },
  { name: 'signalbox_failed_names_idx', on: `(name, finished_at_ms DESC, id DESC) WHERE ${FAILED}` }
]

/** All queues are in one table: none needs to be named. */
export function failedCondition ({ name }: FailedFilter, { cursor, since, until }: ListRange): { where: string, values: unknown[] } {
  const where = [FAILED, `queue NOT IN (${NOT_OF_PROCESSES})`]
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  if (name !== undefined) where.push(`name = ${bind(name)}`)
  if (since !== undefined) where.push(`finished_at_ms >= ${bind(since)}`)
  if (until !== undefined) where.push(`finished_at_ms < ${bind(until)}`)
  const from = cursor === undefined ? undefined : readCursor(cursor)
  if (from !== undefined) where.push(`(finished_at_ms, id) < (${bind(from.at)}, ${bind(from.id)})`)
  return { where: where.join(' AND '), values }
}
