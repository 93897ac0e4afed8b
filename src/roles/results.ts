import { Agent } from 'undici'
import { maskSecrets } from '../base/mask.ts'
import { startBackfillDriver } from '../engine/backfills/driver.ts'
import { createHistory } from '../engine/history/history.ts'
import { createSend } from '../engine/notifications/send.ts'
import { startNotificationSender } from '../engine/notifications/sender.ts'
import { startResultPoller } from '../engine/results/result-poller.ts'
import { startScheduleTicks } from '../engine/schedules/schedule-ticks.ts'
import type { Base, Opened } from './base.ts'

/**
 * Looks at gates that are due, settles for foreign workers, tells who asked for it, makes the
 * events of schedules, and drives backfills.
 */
export function startResults ({
  config, log, ledger, work, clock, verbs, lookupFiles, dispatch, reports, blocks, redactor, publicUrl, metrics,
  loops, onError
}: Base): Opened {
  const { lock_ms: lockMs, stalled_ms: stalledMs } = config.worker
  const retentionMs = config.queues.retention_hours * 3_600_000
  const { current: lookups, onChange: onLookups } = lookupFiles
  const common = {
    ledger,
    work,
    now: clock.now,
    verbs,
    dispatch,
    reports,
    metrics,
    lookups,
    onLookups,
    log,
    lockMs,
    stalledMs,
    retentionMs,
    loops,
    onError
  }
  const poller = startResultPoller(common)
  const ticks = startScheduleTicks(common)
  const backfills = startBackfillDriver({ ...common, history: createHistory(common) })
  const dispatcher = new Agent()
  const timeoutMs = config.notifications.timeout_ms
  const send = createSend({ ledger, block: blocks.get, publicUrl, timeoutMs, dispatcher })
  const sender = startNotificationSender({
    ...common,
    send,
    hide: (text) => String(maskSecrets(redactor.text(text)))
  })
  return {
    close: async () => {
      await Promise.all([ticks.close(), backfills.close(), poller.close()])
      await sender.close()
      await dispatcher.close()
    }
  }
}
