import { startBackfillDriver } from '../backfill-driver.ts'
import { createHistory } from '../history.ts'
import { startResultPoller } from '../results.ts'
import { startScheduleTicks } from '../schedule-ticks.ts'
import type { Base, Opened } from '../service.ts'

/** How often what is older than the retention is removed. */
const PRUNE_MS = 10 * 60 * 1000

/** Settles results and closes events, makes the events of schedules, and drives backfills. */
export function startResults ({ config, log, queues, lookupFiles, dispatch, onError }: Base): Opened {
  const retentionMs = config.queues.retention_hours * 3_600_000
  const common = { queues, dispatch, lookups: lookupFiles.current, log, lockMs: config.worker.lock_ms, stalledMs: config.worker.stalled_ms, onError }
  const poller = startResultPoller({ ...common, maxOutput: config.worker.max_output, retentionMs, pruneMs: PRUNE_MS })
  const ticks = startScheduleTicks({ ...common, onLookups: lookupFiles.onChange })
  const backfills = startBackfillDriver({ ...common, history: createHistory({ queues, dispatch }), retentionMs })
  return {
    close: async () => {
      await Promise.all([ticks.close(), backfills.close()])
      await poller.close()
    }
  }
}
