/** The ticks of the schedules wait here, each until its time. */
export const SCHEDULES_QUEUE = 'schedules'
/** A job here drives a backfill from its first window to its last. */
export const BACKFILLS_QUEUE = 'backfills'
/** A job here tells somebody of an end. */
export const NOTIFICATIONS_QUEUE = 'notifications'

/** Queues of our own, which no process may use. */
export const OWN_QUEUES: ReadonlySet<string> = new Set([SCHEDULES_QUEUE, BACKFILLS_QUEUE, NOTIFICATIONS_QUEUE])
