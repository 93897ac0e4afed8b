import type { JobView } from '../../schemas/jobs.ts'
import type { FailureGroup } from '../../schemas/redrive.ts'
import { jobsIn, keyOf } from '../lib/failures.ts'
import { useLoad } from '../lib/load.ts'
import { field, place, to, toEvent } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { since } from '../lib/time.ts'
import { beginning, visible } from '../lib/visible.ts'
import { Handled } from '../parts/handled.tsx'
import { Shown } from '../parts/shown.tsx'
import { Mark } from '../parts/status.tsx'
import { Reason } from '../parts/text.tsx'
import { Ago } from '../parts/time.tsx'

type Props = { cause: FailureGroup, span: string, isChosen: boolean, toggle: () => void }

/** Failures of one cause: how many, since when, and each of them on request. */
export function CauseRow ({ cause, span, isChosen, toggle }: Props) {
  const { process, reason, count, first, last, subjects, subject_count: subjectCount } = cause
  const isOpen = field('open') === keyOf(cause)
  const [one = ''] = subjects
  const query = { ...Object.fromEntries(place.value.query), open: isOpen ? '' : keyOf(cause) }
  return (
    <li data-row class={isChosen ? 'chosen' : ''}>
      <span class='tick'>
        <input
          type='checkbox'
          aria-label={`Select ${count} of ${process}: ${beginning(reason, 80)}`}
          checked={isChosen}
          onChange={toggle}
        />
      </span>
      <div class='cause'>
        <a href={to('failures', [], query)} aria-expanded={isOpen}>
          <Mark of='failed' />
          {process}
        </a>
        <span class='reason'>{reason === '' ? 'no reason was told' : beginning(reason, 200)}</span>
      </div>
      <span class='row soft'>
        <strong class='bad'>{jobsIn(count)}</strong>
        <span>
          last <Ago at={last} />
          {count > 1 && (
            <>
              , first <Ago at={first} />
            </>
          )}
        </span>
        {one !== '' && (
          <span class='cut'>
            {visible(one)}
            {subjectCount > 1 && ` +${subjectCount - 1}`}
          </span>
        )}
      </span>
      {isOpen && <Jobs cause={cause} span={span} />}
    </li>
  )
}

const SHOWN = 50

function Jobs ({ cause: { process, pattern, count, last }, span }: { cause: FailureGroup, span: string }) {
  const handled = field('handled') === '' ? undefined : true
  const filter = { process, pattern, handled, since: since(span), limit: SHOWN }
  const load = useLoad(`cause ${process} ${pattern} ${count} ${last}`, () => api().listFailedJobs(filter))
  return (
    <div class='cause-jobs'>
      <Shown load={load}>
        {({ items }) => (
          <ol>
            {items.map((job) => (
              <Job key={job.id} job={job} />
            ))}
            {count > items.length && <li class='soft'>and {count - items.length} more</li>}
          </ol>
        )}
      </Shown>
    </div>
  )
}

function Job ({ job }: { job: JobView }) {
  const { id, event, input, reason, timestamps, attempts } = job
  return (
    <li>
      <a href={toEvent(event, id)}>{visible(String(input?.['subject'] ?? id))}</a>{' '}
      <span class='soft'>
        <Ago at={timestamps.ended} />, {attempts.made} {attempts.made === 1 ? 'attempt' : 'attempts'}
      </span>{' '}
      <Reason text={reason} /> <Handled job={job} />
    </li>
  )
}
