/** Ticks of the schedules, each a job until its event is stored. */
export const SCHEDULES_QUEUE = 'schedules'
/** Backfills, each a job while there is something to do for it. */
export const BACKFILLS_QUEUE = 'backfills'
/** Notices of what has ended, each a job until it is sent. */
export const NOTIFICATIONS_QUEUE = 'notifications'

/** Queues that are not for processes. */
export const OWN_QUEUES: ReadonlySet<string> = new Set([SCHEDULES_QUEUE, BACKFILLS_QUEUE, NOTIFICATIONS_QUEUE])
