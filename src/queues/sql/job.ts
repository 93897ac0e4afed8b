import type { QueueState, StoredJob } from '../work.ts'

export type Row = Record<string, unknown>
export type Read = (text: string, values?: unknown[]) => Promise<Row[]>

/** What is read of BullMQ's table of jobs. */
export const COLUMNS = `queue, id, name, data, state, progress, return_value, failed_reason, attempts_made, attempts_started,
  max_attempts, added_at_ms, process_at_ms, processed_at_ms, finished_at_ms, processed_by`

const STATES: Record<string, QueueState> = {
  waiting: 'waiting',
  delayed: 'delayed',
  active: 'active',
  'waiting-children': 'blocked',
  completed: 'completed',
  failed: 'failed'
}

export function toStoredJob (row: Row): StoredJob {
  return {
    queue: String(row['queue']),
    id: String(row['id']),
    name: String(row['name']),
    data: row['data'] as Record<string, unknown>,
    state: STATES[String(row['state'])] ?? 'waiting',
    progress: row['progress'] ?? undefined,
    returnValue: row['return_value'] ?? undefined,
    failedReason: row['failed_reason'] === null ? undefined : String(row['failed_reason']),
    attemptsMade: Number(row['attempts_made']),
    attemptsStarted: Number(row['attempts_started']),
    maxAttempts: Number(row['max_attempts']),
    createdAt: Number(row['added_at_ms']),
    readyAt: time(row['process_at_ms']),
    startedAt: time(row['processed_at_ms']),
    finishedAt: time(row['finished_at_ms']),
    worker: row['processed_by'] === null ? undefined : String(row['processed_by'])
  }
}

const time = (value: unknown): number | undefined => value === null || value === undefined ? undefined : Number(value)
