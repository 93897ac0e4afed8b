import { errors } from '../../base/errors.ts'
import { NOTIFICATIONS_QUEUE, type Queues, type StoredJob } from '../../queues/contract.ts'
import type { NotificationData } from './announce.ts'
import type { NotificationList, NotificationView } from '../../schemas/notifications.ts'

const FAILED_SET = 'notifications:failed'
/** Of those that were given up, so many of the last are listed. */
const MAX_FAILED = 1000

/** The notices that were given up, and what waits to be sent. */
export interface Notifications {
  list: (limit: number) => Promise<NotificationList>
  /** Tries one that was given up again, from the beginning. */
  retry: (id: string) => Promise<NotificationView>
}

export async function rememberFailed (queues: Pick<Queues, 'mark' | 'marked' | 'unmark'>, id: string): Promise<void> {
  await queues.unmark(FAILED_SET, [id])
  await queues.mark([{ set: FAILED_SET, id, at: Date.now() }])
  const all = await queues.marked(FAILED_SET, MAX_FAILED * 2)
  await queues.unmark(FAILED_SET, all.slice(0, Math.max(0, all.length - MAX_FAILED)).map((one) => one.id))
}

export function createNotifications ({ queues }: { queues: Pick<Queues, 'marked' | 'getMany' | 'get' | 'counts' | 'rerun'> }): Notifications {
  async function list (limit: number): Promise<NotificationList> {
    const [marks, counts] = await Promise.all([queues.marked(FAILED_SET, MAX_FAILED * 2), queues.counts(NOTIFICATIONS_QUEUE)])
    const found = await queues.getMany(marks.toReversed().map(({ id }) => ({ queue: NOTIFICATIONS_QUEUE, id })))
    // One that is tried again is not given up, and one that is older than the retention is gone.
    const failed = found.filter((job) => job !== undefined).filter((job) => job.state === 'failed')
    const { waiting, active, delayed, completed } = counts
    return { waiting: waiting + active, delayed, sent: completed, failed: counts.failed, items: failed.slice(0, limit).map(toView), next: null }
  }

  async function retry (id: string): Promise<NotificationView> {
    const job = await queues.get(NOTIFICATIONS_QUEUE, id)
    if (job === undefined) throw errors.notificationNotFound(id)
    if (job.state !== 'failed') throw errors.notificationNotFailed(id)
    await queues.rerun(NOTIFICATIONS_QUEUE, id)
    return toView(job)
  }

  return { list, retry }
}

function toView ({ id, data, attemptsMade, failedReason, createdAt, finishedAt }: StoredJob): NotificationView {
  const { target, notice } = data as NotificationData
  return {
    id,
    kind: target.kind,
    block: target.block,
    about: notice.about,
    of: notice.id,
    event: notice.event.id,
    status: notice.status,
    attempts: attemptsMade,
    reason: failedReason ?? '',
    created: new Date(createdAt).toISOString(),
    given_up: new Date(finishedAt ?? createdAt).toISOString()
  }
}
