import { Type, type Static } from 'typebox'
import { errors } from '../../base/errors.ts'
import type { Entered, Ledger, QueuedJob } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import type { NotificationList, NotificationView } from '../../schemas/notifications.ts'
import type { Target } from '../../schemas/notify.ts'
import { roundId } from '../documents/names.ts'
import { countOf, createReader, revOf } from '../documents/read.ts'
import { FAILED_NOTICES } from '../jobs/queue-counts.ts'
import { NOTIFICATIONS_QUEUE } from '../own-queues.ts'
import type { Notice } from './notice.ts'

/** Those of them that were asked for again; score: when. */
const AGAIN_SET = 'notices:again'
/** Of those that were given up, so many of the last are kept. */
const MAX_FAILED = 1000
const PAGE = 200
/** Its counter says how many were sent. */
const SENT = 'notices'

/** A notice that was given up. `round`: how often it was asked for again. Times are milliseconds. */
const FailedSchema = Type.Object({
  v: Type.Literal(1),
  round: Type.Integer(),
  target: Type.Unsafe<Target>(Type.Object({ kind: Type.String(), block: Type.String() })),
  notice: Type.Unsafe<Notice>(Type.Object({ about: Type.String(), id: Type.String() })),
  attempts: Type.Integer(),
  reason: Type.String(),
  created: Type.Number(),
  givenUp: Type.Number(),
  /** It was asked for again. */
  again: Type.Optional(Type.Literal(true))
})
export type FailedNotice = Omit<Static<typeof FailedSchema>, 'v'>

const readFailed = createReader(FailedSchema, 'notice that was given up')
const noticeDoc = (id: string): string => `notice:${id}`

type Writes = Pick<Ledger, 'get' | 'list' | 'count' | 'commit'>

/** The notices that were given up, and what waits to be sent. */
export interface Notifications {
  list: (limit: number) => Promise<NotificationList>
  /** Tries one that was given up again, from the beginning. */
  retry: (id: string) => Promise<NotificationView>
}

/** Harmless when repeated: of one round only the first is kept. */
export async function rememberFailed (ledger: Writes, id: string, failed: FailedNotice): Promise<void> {
  for (;;) {
    const [found] = await ledger.get([noticeDoc(id)])
    if ((readFailed(found)?.value.round ?? -1) >= failed.round) break
    const { ok } = await ledger.commit({
      expect: [{ doc: noticeDoc(id), rev: revOf(found) }],
      put: [{ doc: noticeDoc(id), value: { v: 1, ...failed } }],
      entries: [
        { set: FAILED_NOTICES, member: id, score: failed.givenUp },
        { set: AGAIN_SET, member: id, remove: true }
      ]
    })
    if (ok) break
  }
  const [size = 0] = await ledger.count([FAILED_NOTICES])
  if (size > MAX_FAILED) {
    await forget(ledger, await ledger.list(FAILED_NOTICES, { limit: Math.min(size - MAX_FAILED, PAGE) }))
  }
}

/** Forgets those that were given up, or asked for again, before this. */
export async function forgetFailed (ledger: Writes, before: number): Promise<void> {
  for (const set of [FAILED_NOTICES, AGAIN_SET]) {
    for (;;) {
      const old = await ledger.list(set, { max: before, limit: PAGE })
      await forget(ledger, old)
      if (old.length < PAGE) break
    }
  }
}

async function forget (ledger: Writes, old: Entered[]): Promise<void> {
  const found = await ledger.get(old.map(([, id]) => noticeDoc(id)))
  await Promise.all(old.map(async ([, id], i) => await ledger.commit({
    expect: [{ doc: noticeDoc(id), rev: revOf(found[i]) }],
    remove: [noticeDoc(id)],
    entries: [FAILED_NOTICES, AGAIN_SET].map((set) => ({ set, member: id, remove: true }))
  })))
}

export async function countSent (ledger: Pick<Ledger, 'commit'>): Promise<void> {
  await ledger.commit({ expect: [], increments: [{ doc: SENT, field: 'sent', by: 1 }] })
}

/** `attempts`: how often a notice is tried, and the pauses in between. */
type Dependencies = { ledger: Writes, work: Pick<Work, 'counts'>, now: () => number, options: QueuedJob['options'] }

export function createNotifications (dependencies: Dependencies): Notifications {
  return { list: list.bind(null, dependencies), retry: retry.bind(null, dependencies) }
}

async function list ({ ledger, work }: Dependencies, limit: number): Promise<NotificationList> {
  const [page, [counts], [sent], [failed = 0]] = await Promise.all([
    ledger.list(FAILED_NOTICES, { limit, reverse: true }),
    work.counts([NOTIFICATIONS_QUEUE]),
    ledger.get([SENT]),
    ledger.count([FAILED_NOTICES])
  ])
  const found = (await ledger.get(page.map(([, id]) => noticeDoc(id)))).map(readFailed)
  const items = found.flatMap((one, i) => one === undefined ? [] : [toView(page[i]?.[1] ?? '', one.value)])
  const { waiting = 0, active = 0, delayed = 0 } = counts ?? {}
  return { waiting: waiting + active, delayed, sent: countOf(sent, 'sent'), failed, items, next: null }
}

async function retry ({ ledger, now, options }: Dependencies, id: string): Promise<NotificationView> {
  for (;;) {
    const [document] = await ledger.get([noticeDoc(id)])
    const failed = readFailed(document)?.value
    if (failed === undefined) throw errors.notificationNotFound(id)
    if (failed.again === true) throw errors.notificationNotFailed(id)
    const { target, notice, round } = failed
    const { ok } = await ledger.commit({
      expect: [{ doc: noticeDoc(id), rev: revOf(document) }],
      put: [{ doc: noticeDoc(id), value: { ...failed, again: true } }],
      entries: [
        { set: FAILED_NOTICES, member: id, remove: true },
        { set: AGAIN_SET, member: id, score: now() }
      ],
      // Under the name of its round: the one before may still lie on the queue.
      enqueue: [
        {
          queue: NOTIFICATIONS_QUEUE,
          id: roundId(id, round + 1),
          name: target.kind,
          data: { target, notice },
          options
        }
      ]
    })
    if (ok) return toView(id, failed)
  }
}

function toView (id: string, { target, notice, attempts, reason, created, givenUp }: FailedNotice): NotificationView {
  return {
    id,
    kind: target.kind,
    block: target.block,
    about: notice.about,
    of: notice.id,
    event: notice.event.id,
    status: notice.status,
    attempts,
    reason,
    created: new Date(created).toISOString(),
    given_up: new Date(givenUp).toISOString()
  }
}
