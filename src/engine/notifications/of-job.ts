import { Type, type Static } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import type { JobView } from '../../schemas/jobs.ts'
import type { NoticeState } from '../../schemas/notifications.ts'
import type { Target } from '../../schemas/notify.ts'
import type { Notices } from '../dispatch/core.ts'
import { NOTICES_FAILED, NOTICES_SENT, type Found } from '../dispatch/facts.ts'
import { hasSettled } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import { createReader, revOf } from '../documents/read.ts'
import { readNoticeData } from './notice-data.ts'

/** Of a job so many of the last are kept. */
const MOST_NOTICES = 100

/** Times are milliseconds. */
const EndedSchema = Type.Object({
  id: Type.String(),
  target: Type.Unsafe<Pick<Target, 'kind' | 'block'>>(Type.Object({ kind: Type.String(), block: Type.String() })),
  status: Type.Union([Type.Literal('sent'), Type.Literal('failed')]),
  attempts: Type.Integer(),
  at: Type.Number(),
  reason: Type.Optional(Type.String())
})
/** A notice of the end of a job that was sent, or given up. */
export type EndedNotice = Static<typeof EndedSchema>

const NoticesSchema = Type.Object({ v: Type.Literal(1), notices: Type.Array(EndedSchema) })
const readNotices = createReader(NoticesSchema, 'list of the notices of a job')
const noticesDoc = (job: string): string => `notices:${job}`

const COUNTERS = { sent: NOTICES_SENT, failed: NOTICES_FAILED } as const

/** Writes down with the job what has come of a notice. Harmless when repeated, and where the job is gone. */
export async function rememberNotice (
  ledger: Pick<Ledger, 'get' | 'commit'>,
  job: string,
  ended: EndedNotice
): Promise<void> {
  for (;;) {
    const [itself, found] = await ledger.get([jobDoc(job), noticesDoc(job)])
    if (itself?.value === undefined) return
    const known = readNotices(found)?.value.notices ?? []
    const before = known.find(({ id }) => id === ended.id)?.status
    const notices = [...known.filter(({ id }) => id !== ended.id), ended].slice(-MOST_NOTICES)
    const doc = jobDoc(job)
    const { ok } = await ledger.commit({
      expect: [{ doc, rev: revOf(itself) }, { doc: noticesDoc(job), rev: revOf(found) }],
      put: [{ doc: noticesDoc(job), value: { v: 1, notices } }],
      increments: before === ended.status
        ? []
        : [
            { doc, field: COUNTERS[ended.status], by: 1 },
            ...before === undefined ? [] : [{ doc, field: COUNTERS[before], by: -1 }]
          ]
    })
    if (ok) return
  }
}

/** With their job. */
export async function forgetNotices (ledger: Pick<Ledger, 'get' | 'commit'>, job: string): Promise<void> {
  for (;;) {
    const [found] = await ledger.get([noticesDoc(job)])
    if (found?.value === undefined) return
    const expect = [{ doc: noticesDoc(job), rev: revOf(found) }]
    if ((await ledger.commit({ expect, remove: [noticesDoc(job)] })).ok) return
  }
}

type Dependencies = { ledger: Pick<Ledger, 'get'>, work: Pick<Work, 'get'>, notices: Notices }

/**
 * Who is told of the end of a job: those who have been or could not be, then those who wait. Undefined where nobody
 * is.
 */
export async function noticesOfJob (
  { ledger, work, notices }: Dependencies,
  { key, event, job, document, told }: Found
): Promise<JobView['notices']> {
  const due = document !== undefined && hasSettled(document) ? notices.job({ key, event, job, document }) : []
  if (due.length === 0 && told.sent + told.failed === 0) return undefined
  const [found] = await ledger.get([noticesDoc(job.id)])
  const ended = readNotices(found)?.value.notices ?? []
  const open = due.filter(({ id }) => ended.every((one) => one.id !== id))
  const stored = open.length === 0 ? [] : await work.get(open.map(({ queue, id }) => ({ queue, id })))
  const waiting = open.flatMap(({ id, data }, i) => {
    const known = readNoticeData(data)
    const lies = stored[i]
    return lies === undefined || !('target' in known)
      ? []
      : [toView({ id, target: known.target, attempts: lies.attemptsMade, reason: lies.failedReason })]
  })
  return [...ended.map(toView), ...waiting]
}

type Told = Omit<EndedNotice, 'status' | 'at'> & { status?: NoticeState['status'], at?: number }

function toView ({ id, target, status = 'waiting', attempts, at, reason }: Told): NoticeState {
  return {
    id,
    kind: target.kind,
    block: target.block,
    status,
    attempts,
    at: at === undefined ? null : new Date(at).toISOString(),
    reason: reason ?? null
  }
}
