import { toEvent, toJob } from '../../lib/router.ts'
import { visible } from '../../lib/visible.ts'
import type { JobView } from '../../../schemas/jobs.ts'
import { Acts } from '../../parts/acts.tsx'
import { Ago } from '../../parts/time.tsx'
import { Told } from './told.tsx'

/** Where a job stands, what it belongs to, and who was told of its end. */
export function Facts ({
  job: { id, event, parent, absorbed, events, timestamps, input, process, acts = [], notices = [] },
  isPage
}: {
  job: JobView
  isPage: boolean
}) {
  return (
    <dl class='facts'>
      <dt>Id</dt>
      <dd class='id'>{isPage ? id : <a href={toJob(process, id)}>{id}</a>}</dd>
      <dt>Event</dt>
      <dd>
        <a class='id' href={toEvent(event, id)}>
          {event}
        </a>{' '}
        {input?.['type'] !== undefined && visible(String(input['type']))}
      </dd>
      {parent !== null && (
        <>
          <dt>Parent</dt>
          <dd class='id'>{visible(parent)}</dd>
        </>
      )}
      <dt>Submitted</dt>
      <dd>
        <Ago at={timestamps.submitted} />
      </dd>
      <dt>Started</dt>
      <dd>
        <Ago at={timestamps.started} />
      </dd>
      <dt>Ended</dt>
      <dd>
        <Ago at={timestamps.ended} />
      </dd>
      {notices.length > 0 && (
        <>
          <dt>Told of its end</dt>
          <dd>
            <Told notices={notices} />
          </dd>
        </>
      )}
      {acts.length > 0 && (
        <>
          <dt>Done by people</dt>
          <dd>
            <Acts acts={acts} />
          </dd>
        </>
      )}
      {absorbed.length > 0 && (
        <>
          <dt>Does the work of</dt>
          <dd>
            {absorbed.map((one) => (
              <div key={one.job}>
                <a href={toEvent(one.event, one.job)}>{visible(one.type)}</a>
              </div>
            ))}
          </dd>
        </>
      )}
      {events.length > 0 && (
        <>
          <dt>Caused</dt>
          <dd>
            {events.slice(0, 50).map(({ type, id: key, refused }, i) => (
              <div key={key ?? i}>
                {key === undefined ? visible(type) : <a href={toEvent(key)}>{visible(type)}</a>}
                {refused !== undefined && <span class='soft'> refused: {visible(refused)}</span>}
              </div>
            ))}
            {events.length > 50 && `and ${events.length - 50} more`}
          </dd>
        </>
      )}
    </dl>
  )
}
