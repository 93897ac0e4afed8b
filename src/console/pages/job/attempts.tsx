import type { JobView } from '../../../schemas/jobs.ts'
import { length } from '../../lib/time.ts'
import { Mark } from '../../parts/status.tsx'
import { Reason } from '../../parts/text.tsx'
import { Ago } from '../../parts/time.tsx'

/** All tries of a job over all retries, with what each came to. */
export function Attempts ({
  job: {
    attempts: { list }
  }
}: {
  job: JobView
}) {
  if (list.length === 0) return <p class='soft'>None has ended yet.</p>
  return (
    <ol class='attempts'>
      {list.map(({ round, attempt, started, ended, worker, reason }) => (
        <li key={`${round} ${attempt}`}>
          <Mark of={reason === null ? 'complete' : 'failed'} />{' '}
          {round > 0 && <span class='soft'>retry {round}, </span>}attempt {attempt}
          <span class='soft'>
            {' '}
            <Ago at={started} />, {length(Date.parse(ended) - Date.parse(started))}
            {worker.host !== null && ` on ${worker.host}`}
          </span>
          {reason !== null && (
            <div>
              <Reason text={reason} />
            </div>
          )}
        </li>
      ))}
    </ol>
  )
}
