import { startResultPoller } from '../results.ts'
import type { Base, Opened } from '../service.ts'

/** How often what is older than the retention is removed. */
const PRUNE_MS = 10 * 60 * 1000

/** Settles results and closes events. */
export function startResults ({ config, log, queues, lookupFiles, dispatch, onError }: Base): Opened {
  const poller = startResultPoller({
    queues,
    dispatch,
    lookups: lookupFiles.current,
    log,
    lockMs: config.worker.lock_ms,
    stalledMs: config.worker.stalled_ms,
    maxOutput: config.worker.max_output,
    retentionMs: config.queues.retention_hours * 3_600_000,
    pruneMs: PRUNE_MS,
    onError
  })
  return { close: poller.close }
}
