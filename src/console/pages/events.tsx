import { field, place, setQuery, to, toEvent } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { EVENT_STATUS_NAMES, shownAs } from '../lib/status.ts'
import { since } from '../lib/time.ts'
import { visible } from '../lib/visible.ts'
import type { EventStatus, EventSummary } from '../../schemas/events.ts'
import { useTitle } from '../parts/frame.tsx'
import { More } from '../parts/more.tsx'
import { Empty } from '../parts/shown.tsx'
import { Status } from '../parts/status.tsx'
import { TextFilter } from '../parts/text-filter.tsx'
import { Ago } from '../parts/time.tsx'
import { SPANS } from './failures.tsx'

const LOOK_MS = 5000

/** What happened, newest first: a row for each event that was submitted, with what came of all that followed. */
export function Events () {
  useTitle('Events')
  return (
    <>
      <div class='page-head'>
        <h1>Events</h1>
        <a class='button' href={to('submit')}>
          Submit an event
        </a>
      </div>
      <Filters />
      <EventList
        key={place.value.query.toString()}
        read={(cursor) => api().listEvents({ ...filterOf(), limit: 50, cursor })}
      />
    </>
  )
}

/** The filter that stands in the address. */
function filterOf () {
  const given = (name: string): string | undefined => (field(name) === '' ? undefined : field(name))
  const rootsOnly = field('all') === ''
  const status = given('status') as EventStatus | undefined
  return {
    type: given('type'),
    subject: given('subject'),
    source: given('source'),
    q: given('q'),
    since: since(field('since')),
    rootsOnly: rootsOnly ? true : undefined,
    ...(rootsOnly ? { treeStatus: status } : { status })
  }
}

function Filters () {
  return (
    <div class='bar'>
      <label>
        Status
        <select
          value={field('status')}
          onChange={(event) => {
            setQuery({ status: event.currentTarget.value })
          }}
        >
          <option value=''>all</option>
          {EVENT_STATUS_NAMES.map((one) => (
            <option key={one} value={one}>
              {shownAs(one).word}
            </option>
          ))}
        </select>
      </label>
      <TextFilter name='type' label='Type' />
      <TextFilter name='subject' label='Subject' />
      <TextFilter name='source' label='Source' />
      <TextFilter name='q' label='Id begins with' />
      <label>
        Since
        <select
          value={field('since')}
          onChange={(event) => {
            setQuery({ since: event.currentTarget.value })
          }}
        >
          <option value=''>ever</option>
          {SPANS.map((one) => (
            <option key={one} value={one}>
              {one} ago
            </option>
          ))}
        </select>
      </label>
      <label class='check'>
        <input
          type='checkbox'
          checked={field('all') !== ''}
          onChange={(event) => {
            setQuery({ all: event.currentTarget.checked ? 'yes' : '' })
          }}
        />
        with follow-on events
      </label>
    </div>
  )
}

type Read = Parameters<typeof More<EventSummary>>[0]['read']

export function EventList ({ read }: { read: Read }) {
  return (
    <section class='panel' aria-label='Events'>
      <More
        everyMs={LOOK_MS}
        read={read}
        empty={
          <Empty>
            No event is like that. <a href={to('submit')}>Submit one</a>.
          </Empty>
        }
        head={
          <tr>
            <th>Status</th>
            <th>Type</th>
            <th>Subject</th>
            <th>Jobs</th>
            <th>Received</th>
            <th>Id</th>
          </tr>
        }
        row={(event) => <Row key={event.id} event={event} />}
      />
    </section>
  )
}

function Row ({ event }: { event: EventSummary }) {
  const {
    id,
    type,
    subject,
    tree_status: status,
    jobs,
    received,
    depth,
    failed_jobs: failed,
    open_jobs: open,
    replays
  } = event
  return (
    <tr data-row>
      <td>
        <Status of={status} />
      </td>
      <td>
        <a class='cut' href={toEvent(id)}>
          {visible(type)}
        </a>
        {depth > 0 && <small> ↳ follow-on</small>}
        {replays !== null && <small> replay</small>}
      </td>
      <td data-name='subject'>
        {subject !== null && (
          <a class='cut' href={to('subjects', [subject])}>
            {visible(subject)}
          </a>
        )}
      </td>
      <td data-name='jobs'>
        {failed > 0 && <strong class='bad'>{failed} failed </strong>}
        {open > 0 && <span class='busy'>{open} open </span>}
        <span class='soft'>
          {jobs
            .map(([process]) => process)
            .slice(0, 3)
            .join(', ')}
          {jobs.length > 3 && ` +${jobs.length - 3}`}
        </span>
      </td>
      <td>
        <Ago at={received} />
      </td>
      <td class='id soft'>{id.slice(0, 9)}…</td>
    </tr>
  )
}
