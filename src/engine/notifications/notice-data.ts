import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { oneOf } from '../../schemas/parts.ts'
import type { End, Target } from '../../schemas/notify.ts'
import type { Notice } from './notice.ts'

const target = Type.Unsafe<Target>(Type.Object({ kind: Type.String(), block: Type.String() }))
const notice = Type.Unsafe<Notice>(Type.Object({ about: Type.String(), status: Type.String(), id: Type.String() }))

/**
 * What lies on the queue of the notices: one that is made, the end of an event of which one is to be made, or a report.
 */
const NoticeDataSchema = Type.Union([
  Type.Object({ target, notice }),
  /** The end is read when the job is taken: others may still do work of the event then. */
  Type.Object({
    target,
    on: Type.Array(oneOf<readonly End[]>(['success', 'failure', 'cancelled'])),
    event: Type.String()
  }),
  Type.Object({ report: Type.String() })
])
export type NoticeData = Static<typeof NoticeDataSchema>

const shape = Compile(NoticeDataSchema)

export function readNoticeData (data: unknown): NoticeData {
  if (!shape.Check(data)) throw new Error(`a job of the notices holds none: ${JSON.stringify(data).slice(0, 200)}`)
  return data
}
