import { useLoad } from '../lib/load.ts'
import { to, toEvent } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { visible } from '../lib/visible.ts'
import type { SubjectProcess, SubjectView } from '../../schemas/subjects.ts'
import { useTitle } from '../parts/frame.tsx'
import { Shown } from '../parts/shown.tsx'
import { Mark } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'
import { EventList } from './events.tsx'

const LOOK_MS = 10_000

/** All that ever happened to one genome, council or document, and what was last done for it. */
export function Subject ({ name }: { name: string }) {
  useTitle(visible(name))
  const load = useLoad(`subject ${name}`, () => api().subject(name), { everyMs: LOOK_MS })
  return (
    <>
      <div class='page-head'>
        <h1>{visible(name)}</h1>
        <a href={to('failures', [], { subject: name, since: '30d' })}>Its failures</a>
      </div>
      <Shown load={load}>{(subject) => <Last subject={subject} />}</Shown>
      <EventList key={name} read={(cursor) => api().listEvents({ subject: name, limit: 50, cursor })} />
      <p class='soft'>
        The whole history as JSON lines: <code>signalbox export --subject {visible(name)}</code>
      </p>
    </>
  )
}

function Last ({ subject: { processes, events, cut } }: { subject: SubjectView }) {
  if (processes.length === 0) return null
  return (
    <section class='panel' aria-label='What was last done'>
      <h2>What was last done</h2>
      <div class='scroll'>
        <table class='cards'>
          <thead>
            <tr>
              <th>Process</th>
              <th>Last success</th>
              <th>Last failure</th>
            </tr>
          </thead>
          <tbody>
            {processes.map((one) => (
              <Row key={one.process} one={one} />
            ))}
          </tbody>
        </table>
      </div>
      {cut && <p class='pad soft'>Of its latest {events} events.</p>}
    </section>
  )
}

function Row ({ one: { process, last_success: good, last_failure: bad } }: { one: SubjectProcess }) {
  const isBroken = bad !== null && (good === null || good.at < bad.at)
  return (
    <tr data-row>
      <td>
        <a href={to('processes', [process])}>{process}</a>
      </td>
      <td data-name='last success'>
        <Ended of='complete' ended={good} />
      </td>
      <td data-name='last failure' class={isBroken ? 'bad' : ''}>
        {bad !== null && <Ended of='failed' ended={bad} />}
      </td>
    </tr>
  )
}

function Ended ({ of, ended }: { of: string, ended: SubjectProcess['last_success'] }) {
  if (ended === null) return <span class='soft'>never</span>
  return (
    <>
      <Mark of={of} />{' '}
      <a href={toEvent(ended.event, ended.job)}>
        <Ago at={ended.at} />
      </a>
    </>
  )
}
