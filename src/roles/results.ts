import { Agent } from 'undici'
import { startBackfillDriver } from '../backfills/driver.ts'
import { startGateKeeper } from '../gates/keeper.ts'
import { createHistory } from '../history.ts'
import { maskSecrets } from '../mask.ts'
import { createSend } from '../notifications/send.ts'
import { startNotificationSender } from '../notifications/sender.ts'
import { startResultPoller } from '../results.ts'
import { startScheduleTicks } from '../schedules/schedule-ticks.ts'
import type { Base, Opened } from '../service.ts'
import { createSettle } from '../settle.ts'
import { askToStop } from '../stop.ts'

/** How often what is older than the retention is removed. */
const PRUNE_MS = 10 * 60 * 1000

/** Settles results, closes events and tells who asked for it, keeps the gates, makes the events of schedules, and drives backfills. */
export function startResults ({ config, log, queues, lookupFiles, dispatch, announce, reports, blocks, redactor, publicUrl, metrics, onError }: Base): Opened {
  const { lock_ms: lockMs, stalled_ms: stalledMs, max_output: maxOutput } = config.worker
  const retentionMs = config.queues.retention_hours * 3_600_000
  const lookups = lookupFiles.current
  const settle = createSettle({ dispatch, lookups, maxOutput, log })
  const common = { queues, dispatch, settle, announce, reports, metrics, lookups, log, lockMs, stalledMs, retentionMs, onError }
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
