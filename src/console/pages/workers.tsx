import { jobsIn } from '../lib/failures.ts'
import { toJob } from '../lib/router.ts'
import { visible } from '../lib/visible.ts'
import type { WorkerView } from '../../schemas/stats.ts'
import { Empty } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'

const SHOWN = 5

/** Who serves what, what they work on, and whether they are still there. */
export function Workers ({ workers }: { workers: WorkerView[] }) {
  return (
    <section class='panel' aria-label='Workers'>
      <h2>Workers</h2>
      {workers.length === 0
        ? (
          <Empty>
            No worker of this service is running: <code>signalbox worker</code> starts one.
          </Empty>
          )
        : (
          <div class='scroll'>
            <table class='cards'>
              <thead>
                <tr>
                  <th>Worker</th>
                  <th>Version</th>
                  <th>Works on</th>
                  <th>Started</th>
                  <th>Seen</th>
                </tr>
              </thead>
              <tbody>
                {workers.map((one) => (
                  <Row key={one.id} worker={one} />
                ))}
              </tbody>
            </table>
          </div>
          )}
    </section>
  )
}

function Row ({ worker }: { worker: WorkerView }) {
  const { name, host, version, processes, running, running_count: count, started, last_seen: seen, lost } = worker
  const serves = processes.length === 1 ? processes[0] : `${processes.length} processes`
  return (
    <tr data-row>
      <td>
        <span class={lost ? 'mark bad' : 'mark good'} aria-hidden='true'>
          {lost ? '✖' : '●'}
        </span>{' '}
        <strong>{visible(name)}</strong> {host !== name && <span class='soft'>on {visible(host)}</span>}
        {lost && <strong class='bad'> lost</strong>}
        <details>
          <summary class='soft'>serves {serves}</summary>
          {processes.join(', ')}
        </details>
      </td>
      <td data-name='version'>{visible(version)}</td>
      <td class='wide' data-name='works on'>
        {count === 0 && <span class='soft'>nothing</span>}
        {running.slice(0, SHOWN).map(({ process, job, since }) => (
          <div key={job}>
            <a href={toJob(process, job)}>{process}</a>{' '}
            <span class='soft'>
              began <Ago at={since} />
            </span>
          </div>
        ))}
        {count > SHOWN && <span class='soft'>and {jobsIn(count - Math.min(SHOWN, running.length))} more</span>}
      </td>
      <td data-name='started'>
        <Ago at={started} />
      </td>
      <td data-name='seen'>
        <Ago at={seen} />
      </td>
    </tr>
  )
}
