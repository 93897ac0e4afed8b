import type { JobView } from '../../schemas/jobs.ts'
import type { Cause } from '../lib/causes.ts'
import { field, to, toEvent } from '../lib/router.ts'
import { beginning, visible } from '../lib/visible.ts'
import { Mark } from '../parts/status.tsx'
import { Reason } from '../parts/text.tsx'
import { Ago } from '../parts/time.tsx'

/** Failures of one cause: how many, since when, and each of them on request. */
export function CauseRow ({ cause, isChosen, toggle }: { cause: Cause, isChosen: boolean, toggle: () => void }) {
  const { key, process, reason, jobs, first, last, subjects } = cause
  const isOpen = field('open') === key
  const [one = ''] = subjects
  return (
    <li data-row class={isChosen ? 'chosen' : ''}>
      <span class='tick'>
        <input
          type='checkbox'
          aria-label={`Select ${jobs.length} of ${process}: ${beginning(reason, 80)}`}
          checked={isChosen}
          onChange={toggle}
        />
      </span>
      <div class='cause'>
        <a href={to('failures', [], { since: field('since'), open: isOpen ? '' : key })} aria-expanded={isOpen}>
          <Mark of='failed' /> {process}
        </a>
        <span class='reason'>{beginning(reason, 200)}</span>
      </div>
      <span class='row soft'>
        <strong class='bad'>
          {jobs.length} {jobs.length === 1 ? 'job' : 'jobs'}
        </strong>
        <span>
          last <Ago at={last} />
          {jobs.length > 1 && (
            <>
              , first <Ago at={first} />
            </>
          )}
        </span>
        {one !== '' && (
          <span class='cut'>
            {visible(one)}
            {subjects.length > 1 && ` +${subjects.length - 1}`}
          </span>
        )}
      </span>
      {isOpen && <Jobs jobs={jobs} />}
    </li>
  )
}

const SHOWN = 50

function Jobs ({ jobs }: { jobs: JobView[] }) {
  return (
    <ol class='cause-jobs'>
      {jobs.slice(0, SHOWN).map(({ id, event, input, reason, timestamps, attempts }) => (
        <li key={id}>
          <a href={toEvent(event, id)}>{visible(String(input?.['subject'] ?? id))}</a>{' '}
          <span class='soft'>
            <Ago at={timestamps.ended} />, {attempts.made} {attempts.made === 1 ? 'attempt' : 'attempts'}
          </span>{' '}
          <Reason text={reason} />
        </li>
      ))}
      {jobs.length > SHOWN && <li class='soft'>and {jobs.length - SHOWN} more</li>}
    </ol>
  )
}
