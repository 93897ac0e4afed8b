import type { ComponentChildren } from 'preact'
import { readGroups } from '../lib/failures.ts'
import { eventColumns, outcomeColumns } from '../lib/figures.ts'
import { useLoad, type Loaded } from '../lib/load.ts'
import { to, toEvent } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { clock, since } from '../lib/time.ts'
import { visible } from '../lib/visible.ts'
import type { EventSummary } from '../../schemas/events.ts'
import type { ScheduleView } from '../../schemas/schedules.ts'
import { useTitle } from '../parts/frame.tsx'
import { Plot } from '../parts/plot.tsx'
import { Empty, Shown } from '../parts/shown.tsx'
import { Mark } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'
import { NeedsYou, type Counted, type Overall } from './needs-you.tsx'

const LOOK_MS = 5000
/** Failures and figures are many at times, and all of them are counted. */
const COUNT_MS = 10_000

async function read (): Promise<Overall> {
  const [queues, processes, schedules, latest, running, workers] = await Promise.all([
    api().queues(),
    api().processes(),
    api().schedules(),
    api().listEvents({ rootsOnly: true, limit: 8 }),
    api().listEvents({ treeStatus: 'incomplete', limit: 8 }),
    api().workers()
  ])
  return {
    queues: queues.items,
    processes: processes.items,
    schedules: schedules.items,
    latest: latest.items,
    running: running.items,
    workers: workers.items
  }
}

async function count (): Promise<Counted> {
  const [groups, stats] = await Promise.all([readGroups({ since: since('24h') }), api().stats()])
  return { groups, stats }
}

/** Whether anything is wrong now, and what to do about it. */
export function Overview () {
  const load = useLoad('overview', read, { everyMs: LOOK_MS })
  const counts = useLoad('counts', count, { everyMs: COUNT_MS })
  return (
    <>
      <h1>Overview</h1>
      <Shown load={counts}>
        {(counted) => <Shown load={load}>{(all) => <All all={all} counted={counted} reload={load.reload} />}</Shown>}
      </Shown>
    </>
  )
}

function All ({ all, counted, reload }: { all: Overall, counted: Counted, reload: Loaded<unknown>['reload'] }) {
  const { queues, latest, running, schedules } = all
  const { stats, groups: { total: failed, isCut } } = counted
  const events = stats.steps.reduce((sum, step) => sum + step.events, 0)
  const sum = (name: 'active' | 'waiting' | 'delayed'): number =>
    queues.reduce((total, queue) => total + queue[name], 0)
  useTitle(failed === 0 ? 'Overview' : `✖ ${failed} failed`)
  return (
    <>
      <div class='figures'>
        <Figure
          name='failed in 24 h'
          count={`${failed}${isCut ? '+' : ''}`}
          tone={failed > 0 ? 'bad' : ''}
          href={to('failures')}
        />
        <Figure name='running' count={String(sum('active'))} tone='busy' href={to('processes')} />
        <Figure name='waiting' count={String(sum('waiting') + sum('delayed'))} tone='' href={to('processes')} />
        <Figure name='events in 24 h' count={String(events)} tone='' href={to('events', [], { since: '24h' })} />
      </div>
      <NeedsYou all={all} counted={counted} reload={reload} />
      <section class='panel' aria-label='The last 24 hours'>
        <h2>The last 24 hours</h2>
        <div class='pad plots'>
          <Plot title='Events' columns={eventColumns(stats)} say={(count) => `${count} in an hour`} />
          <Plot title='Jobs that ended' columns={outcomeColumns(stats)} say={(count) => `${count} in an hour`} />
        </div>
      </section>
      <div class='two'>
        <List title='Running now' events={running} empty='Nothing is under way.' />
        <List
          title='Latest events'
          events={latest}
          empty={
            <>
              No event yet. <a href={to('submit')}>Submit the example</a> to see what happens.
            </>
          }
        />
        <Next schedules={schedules} />
      </div>
    </>
  )
}

function Figure ({ name, count, tone, href }: { name: string, count: string, tone: string, href: string }) {
  return (
    <a class={`panel figure ${tone}`} href={href}>
      <b>{count}</b> {name}
    </a>
  )
}

function List ({ title, events, empty }: { title: string, events: EventSummary[], empty: ComponentChildren }) {
  return (
    <section class='panel' aria-label={title}>
      <h2>{title}</h2>
      {events.length === 0 && <Empty>{empty}</Empty>}
      <ul class='needs'>
        {events.map(
          ({ id, type, subject, received, tree_status: status, failed_jobs: failed, open_jobs: open }) => (
            <li key={id} data-row>
              <Mark of={status} />
              <span>
                <a href={toEvent(id)}>{visible(type)}</a> <span class='soft'>{visible(subject ?? '')}</span>
                {failed > 0 && <strong class='bad'> {failed} failed</strong>}
                {open > 0 && <span class='busy'> {open} open</span>}
              </span>
              <span class='soft'>
                <Ago at={received} />
              </span>
            </li>
          )
        )}
      </ul>
    </section>
  )
}

function Next ({ schedules }: { schedules: ScheduleView[] }) {
  const coming = schedules
    .filter(({ next }) => next !== null)
    .sort((a, b) => ((a.next ?? '') < (b.next ?? '') ? -1 : 1))
    .slice(0, 8)
  return (
    <section class='panel' aria-label='Next'>
      <h2>Next</h2>
      {coming.length === 0
        ? (
          <Empty>No schedule is active.</Empty>
          )
        : (
          <ul class='needs'>
            {coming.map(({ schedule, type, next }) => (
              <li key={schedule} data-row>
                <Mark of='waiting' />
                <span>
                  <a href={to('schedules')}>{visible(schedule)}</a> <span class='soft'>{visible(type)}</span>
                </span>
                <span class='soft'>
                  {clock(next ?? '')}, <Ago at={next} />
                </span>
              </li>
            ))}
          </ul>
          )}
    </section>
  )
}
