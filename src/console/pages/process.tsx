import { outcomeColumns, timeColumns } from '../lib/figures.ts'
import { useLoad } from '../lib/load.ts'
import { field, setQuery, to, toJob } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { length, took } from '../lib/time.ts'
import { visible } from '../lib/visible.ts'
import { JOB_STATUS_NAMES } from '../lib/status.ts'
import type { JobStatus, JobView } from '../../schemas/jobs.ts'
import type { QueueView } from '../../schemas/lookups.ts'
import { useTitle } from '../parts/frame.tsx'
import { More } from '../parts/more.tsx'
import { Pause } from '../parts/pause.tsx'
import { Plot } from '../parts/plot.tsx'
import { Empty, Shown } from '../parts/shown.tsx'
import { Status } from '../parts/status.tsx'
import { Reason, Value } from '../parts/text.tsx'
import { Ago } from '../parts/time.tsx'
import { PauseProcess, readProcesses, startedBy, type Known } from './processes.tsx'

const LOOK_MS = 5000
const STATS_MS = 30_000

/** One process: what starts it and what it starts, its jobs, and its entry. */
export function ProcessPage ({ name }: { name: string }) {
  useTitle(name)
  const load = useLoad('processes', readProcesses, { everyMs: LOOK_MS })
  return (
    <>
      <Shown load={load}>{(known) => <About name={name} known={known} reload={load.reload} />}</Shown>
      <Jobs name={name} />
    </>
  )
}

function About ({ name, known, reload }: { name: string, known: Known, reload: () => void }) {
  const found = known.processes.find(({ process }) => process === name)
  if (found === undefined) {
    return (
      <>
        <h1>{visible(name)}</h1>
        <p class='note warn'>The lookups do not name this process any more; its jobs are still here.</p>
      </>
    )
  }
  const { description, emits } = found
  const queue = known.queues.find((one) => one.queue === found.queue)
  return (
    <>
      <div class='page-head'>
        <h1>{name}</h1>
        <PauseProcess view={found} reload={reload} />
      </div>
      {description !== null && <p class='soft'>{description}</p>}
      <Times name={name} />
      <div class='two'>
        <section class='panel' aria-label='Routes'>
          <h2>Who starts it, and whom it starts</h2>
          <dl class='facts pad'>
            <dt>Started by</dt>
            <dd>
              {startedBy(name, known.types).map((type) => (
                <div key={type}>
                  <a href={to('events', [], { type })}>{type}</a>
                </div>
              ))}
            </dd>
            <dt>Queue</dt>
            <dd>{queue === undefined ? found.queue : <PauseQueue view={queue} reload={reload} />}</dd>
            <dt>Emits</dt>
            <dd>
              {(emits ?? []).map((type) => (
                <Emitted key={type} type={type} known={known} />
              ))}
              {emits === null && 'not told'}
            </dd>
          </dl>
        </section>
        <section class='panel' aria-label='Entry'>
          <h2>Its entry in process_lookup.json</h2>
          <div class='pad'>
            <Value of={found} />
          </div>
        </section>
      </div>
    </>
  )
}

/** How many jobs ended how in the last day, how long they ran, and how long they waited before. */
function Times ({ name }: { name: string }) {
  const load = useLoad(`stats ${name}`, () => api().stats({ process: name }), { everyMs: STATS_MS })
  return (
    <Shown load={load}>
      {(stats) => (
        <section class='panel' aria-label='The last 24 hours'>
          <h2>The last 24 hours</h2>
          <div class='pad plots'>
            <Plot title='Jobs that ended' columns={outcomeColumns(stats)} say={(count) => `${count} in an hour`} />
            <Plot title='Run: half, and 95 of 100' columns={timeColumns(stats, 'run')} say={length} />
            <Plot title='Wait: half, and 95 of 100' columns={timeColumns(stats, 'wait')} say={length} />
          </div>
        </section>
      )}
    </Shown>
  )
}

function PauseQueue ({ view: { queue, processes, paused, acts }, reload }: { view: QueueView, reload: () => void }) {
  const others = processes.length === 1 ? '' : ` It is shared by ${processes.join(', ')}.`
  return (
    <span class='row'>
      {queue}
      <Pause
        name={`queue ${queue}`}
        means={`No worker takes jobs from it until it is resumed; running ones go on.${others}`}
        paused={paused}
        acts={acts}
        pause={(note) => api().pauseQueue(queue, note)}
        resume={() => api().resumeQueue(queue)}
        reload={reload}
      />
    </span>
  )
}

function Emitted ({ type, known: { types } }: { type: string, known: Known }) {
  const entry = types.find((one) => one.type === type)
  return (
    <div>
      {type}{' '}
      {entry === undefined
        ? (
          <span class='bad'>is not in event_lookup.json</span>
          )
        : entry.processes.length === 0
          ? (
            <span class='soft'>starts nothing</span>
            )
          : (
            <>
              →{' '}
              {entry.processes.map((one) => (
                <span key={one}>
                  <a href={to('processes', [one])}>{one}</a>{' '}
                </span>
              ))}
            </>
            )}
    </div>
  )
}

function Jobs ({ name }: { name: string }) {
  const status = field('status')
  return (
    <section class='panel' aria-label='Jobs'>
      <header>
        <h2>Jobs</h2>
        <select
          aria-label='Status'
          value={status}
          onChange={(event) => {
            setQuery({ status: event.currentTarget.value })
          }}
        >
          <option value=''>all</option>
          {JOB_STATUS_NAMES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </header>
      <More
        key={`${name} ${status}`}
        everyMs={LOOK_MS}
        read={(cursor) =>
          api().listJobs(name, { status: status === '' ? undefined : (status as JobStatus), limit: 50, cursor })}
        empty={<Empty>No job is like that.</Empty>}
        head={
          <tr>
            <th>Status</th>
            <th>Subject</th>
            <th>Submitted</th>
            <th class='num'>Took</th>
            <th>Reason, or what it waits for</th>
          </tr>
        }
        row={(job) => <Row key={job.id} job={job} />}
      />
    </section>
  )
}

function Row ({ job: { process, id, status, input, timestamps, reason, waiting_for: waits } }: { job: JobView }) {
  return (
    <tr data-row>
      <td>
        <Status of={status} />
      </td>
      <td>
        <a class='cut' href={toJob(process, id)}>
          {visible(String(input?.['subject'] ?? id))}
        </a>
      </td>
      <td data-name='submitted'>
        <Ago at={timestamps.submitted} />
      </td>
      <td class='num' data-name='took'>
        {took(timestamps)}
      </td>
      <td class='wide'>
        <Reason text={reason ?? waits} />
      </td>
    </tr>
  )
}
