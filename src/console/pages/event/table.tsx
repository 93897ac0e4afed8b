import { useState } from 'preact/hooks'
import { jobsIn } from '../../lib/failures.ts'
import { jobsOf, type EventNode, type JobNode, type LiveEvent } from '../../lib/live-event.ts'
import { field, place, setQuery, to } from '../../lib/router.ts'
import { took } from '../../lib/time.ts'
import { visible } from '../../lib/visible.ts'
import { Status } from '../../parts/status.tsx'
import { Reason } from '../../parts/text.tsx'
import { Ago } from '../../parts/time.tsx'
import { Empty } from '../../parts/shown.tsx'
import { ShowMore } from '../../parts/show-more.tsx'

const STEP = 100

/** The same as the tree, in rows: for screen readers, for phones, and for who looks for one of many. */
export function JobTable ({ live, top }: { live: LiveEvent, top: EventNode }) {
  const [most, setMost] = useState(STEP)
  void live.shape.value
  const [wanted, status] = [field('name'), field('status')]
  // Only a filter by status needs to hear of every change.
  if (status !== '') void live.changes.value
  const jobs = jobsOf(top).filter(({ fields }) => {
    const { process, status: is } = fields.peek()
    return process.includes(wanted) && (status === '' || is === status)
  })
  return (
    <section class='panel' aria-label='Jobs'>
      <div class='bar pad'>
        <label>
          Process{' '}
          <input
            value={wanted}
            onInput={(event) => {
              setQuery({ name: event.currentTarget.value })
            }}
          />
        </label>
        <label>
          Status
          <select
            value={status}
            onChange={(event) => {
              setQuery({ status: event.currentTarget.value })
            }}
          >
            <option value=''>all</option>
            {['failed', 'running', 'submitted', 'deferred', 'complete', 'cancelled', 'absorbed'].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <span class='soft'>{jobsIn(jobs.length)}</span>
      </div>
      {jobs.length === 0 && (
        <Empty>{wanted === '' && status === '' ? 'The event started no job.' : 'No job is like that.'}</Empty>
      )}
      {jobs.length > 0 && (
        <div class='scroll'>
          <table class='cards'>
            <thead>
              <tr>
                <th>Status</th>
                <th>Process</th>
                <th>Of event</th>
                <th>Began</th>
                <th class='num'>Took</th>
                <th>Reason, or what it waits for</th>
              </tr>
            </thead>
            <tbody>
              {jobs.slice(0, most).map((job) => (
                <Row key={job.id} job={job} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {jobs.length > most && (
        <ShowMore
          words={`Show ${Math.min(STEP, jobs.length - most)} more of ${jobs.length - most}`}
          run={() => {
            setMost(most + STEP)
          }}
        />
      )}
    </section>
  )
}

function Row ({ job }: { job: JobNode }) {
  const { process, status, timestamps, reason, waiting_for: waits, absorbed_by: absorbedBy } = job.fields.value
  const [, id = ''] = place.value.path.slice(1).split('/')
  const href = to('events', [decodeURIComponent(id)], { ...Object.fromEntries(place.value.query), node: job.id })
  const isHere = field('node') === job.id
  return (
    <tr data-row aria-selected={isHere}>
      <td>
        <Status of={status} />
      </td>
      <td>
        <a href={href} data-node='job'>
          {process}
        </a>
      </td>
      <td>{visible(job.parent.fields.value.event.type)}</td>
      <td data-name='began'>
        <Ago at={timestamps.started} />
      </td>
      <td class='num' data-name='took'>
        {took(timestamps)}
      </td>
      <td class='wide'>
        {absorbedBy !== null
          ? (
            <>
              its work is done by <a href={to('jobs', [process, absorbedBy])}>{absorbedBy}</a>
            </>
            )
          : (
            <Reason text={reason ?? waits} />
            )}
      </td>
    </tr>
  )
}
