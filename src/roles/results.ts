import { Agent } from 'undici'
import { startBackfillDriver } from '../engine/backfills/driver.ts'
import { startGateKeeper } from '../engine/gates/keeper.ts'
import { createHistory } from '../engine/history/history.ts'
import { maskSecrets } from '../base/mask.ts'
import { createSend } from '../engine/notifications/send.ts'
import { startNotificationSender } from '../engine/notifications/sender.ts'
import { startResultPoller } from '../engine/results/result-poller.ts'
import { startScheduleTicks } from '../engine/schedules/schedule-ticks.ts'
import type { Base, Opened } from './base.ts'
import { createSettle } from '../engine/dispatch/settle.ts'
import { askToStop } from '../engine/jobs/stop.ts'

/** How often what is older than the retention is removed. */
const PRUNE_MS = 10 * 60 * 1000

/**
 * Settles results, closes events and tells who asked for it, keeps the gates, makes the events of
 * schedules, and drives backfills.
 */
export function startResults ({
  config, log, queues, lookupFiles, dispatch, announce, reports, blocks, redactor, publicUrl, metrics, onError
}: Base): Opened {
  const { lock_ms: lockMs, stalled_ms: stalledMs, max_output: maxOutput } = config.worker
  const retentionMs = config.queues.retention_hours * 3_600_000
  const lookups = lookupFiles.current
  const settle = createSettle({ dispatch, lookups, maxOutput, log })
  const common = {
    queues, dispatch, settle, announce, reports, metrics, lookups, log, lockMs, stalledMs, retentionMs, onError
  }
  const poller = startResultPoller({ ...common, pruneMs: PRUNE_MS })
  const keeper = startGateKeeper({ ...common, stop: (job) => askToStop(queues, job) })
  const ticks = startScheduleTicks({ ...common, onLookups: lookupFiles.onChange })
  const backfills = startBackfillDriver({ ...common, history: createHistory({ queues }) })
  const dispatcher = new Agent()
  const send = createSend({ block: blocks.get, publicUrl, timeoutMs: config.notifications.timeout_ms, dispatcher })
  const sender = startNotificationSender({ ...common, send, hide: (text) => String(maskSecrets(redactor.text(text))) })
  return {
    close: async () => {
      await Promise.all([ticks.close(), backfills.close(), keeper.close()])
      await poller.close()
      await sender.close()
      await dispatcher.close()
    }
  }
}
