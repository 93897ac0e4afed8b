import { visible } from '../../lib/visible.ts'
import type { NoticeState } from '../../../schemas/notifications.ts'
import { Reason } from '../../parts/text.tsx'
import { Mark } from '../../parts/status.tsx'
import { Ago } from '../../parts/time.tsx'

const WORDS = { sent: 'told', failed: 'given up', waiting: 'to be told' } as const
const MARKS = { sent: 'complete', failed: 'failed', waiting: 'submitted' } as const

/** Who is told of the end of a job, and what has come of it. */
export function Told ({ notices }: { notices: NoticeState[] }) {
  return (
    <>
      {notices.map(({ id, kind, block, status, attempts, at, reason }) => (
        <div key={id}>
          <Mark of={MARKS[status]} /> {kind} <span class='id'>{visible(block)}</span>
          <span class='soft'>
            {' '}
            {WORDS[status]}
            {at !== null && (
              <>
                {' '}
                <Ago at={at} />
              </>
            )}
            {attempts > 1 && `, ${attempts} tries`}
          </span>
          {reason !== null && (
            <div>
              <Reason text={reason} />
            </div>
          )}
        </div>
      ))}
    </>
  )
}
