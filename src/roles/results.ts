import { startGateKeeper } from '../gates/keeper.ts'
import { startResultPoller } from '../results.ts'
import type { Base, Opened } from '../service.ts'
import { createSettle } from '../settle.ts'
import { askToStop } from '../stop.ts'

/** How often what is older than the retention is removed. */
const PRUNE_MS = 10 * 60 * 1000

/** Settles results, closes events, and keeps the gates. */
export function startResults ({ config, log, queues, lookupFiles, dispatch, onError }: Base): Opened {
  const { lock_ms: lockMs, stalled_ms: stalledMs, max_output: maxOutput } = config.worker
  const retentionMs = config.queues.retention_hours * 3_600_000
  const lookups = lookupFiles.current
  const settle = createSettle({ dispatch, lookups, maxOutput, log })
  const poller = startResultPoller({ queues, settle, lookups, log, lockMs, stalledMs, retentionMs, pruneMs: PRUNE_MS, onError })
  const keeper = startGateKeeper({ queues, settle, lookups, stop: (job) => askToStop(queues, job), lockMs, stalledMs, retentionMs, onError })
  return { close: async () => { await Promise.all([poller.close(), keeper.close()]) } }
}
