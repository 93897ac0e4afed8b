import type { ComponentChildren } from 'preact'
import { causesOf } from '../lib/causes.ts'
import { readFailures } from '../lib/failures.ts'
import { useLoad, type Loaded } from '../lib/load.ts'
import { to, toEvent } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { clock, since } from '../lib/time.ts'
import { visible } from '../lib/visible.ts'
import type { EventSummary } from '../../schemas/events.ts'
import type { ScheduleView } from '../../schemas/schedules.ts'
import { useTitle } from '../parts/frame.tsx'
import { Empty, Shown } from '../parts/shown.tsx'
import { Mark } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'
import { NeedsYou, type Overall } from './needs-you.tsx'

const LOOK_MS = 5000
/** Failures that are read for the overview; the page of failures has all. */
const MOST = 200

async function read (signal: AbortSignal): Promise<Overall> {
  const [failures, queues, processes, schedules, latest, running] = await Promise.all([
    readFailures({ since: since('24h') }, signal, MOST),
    api().queues(),
    api().processes(),
    api().schedules(),
    api().listEvents({ rootsOnly: true, limit: 8 }),
    api().listEvents({ treeStatus: 'incomplete', limit: 8 })
  ])
  return {
    causes: causesOf(failures.jobs),
    isCut: failures.isCut,
    queues: queues.items,
    processes: processes.items,
    schedules: schedules.items,
    latest: latest.items,
    running: running.items
  }
}

/** Whether anything is wrong now, and what to do about it. */
export function Overview () {
  const load = useLoad('overview', read, { everyMs: LOOK_MS })
  return (
    <>
      <h1>Overview</h1>
      <Shown load={load}>{(all) => <All all={all} reload={load.reload} />}</Shown>
    </>
  )
}

function All ({ all, reload }: { all: Overall, reload: Loaded<unknown>['reload'] }) {
  const { causes, isCut, queues, latest, running, schedules } = all
  const failed = causes.reduce((sum, { jobs }) => sum + jobs.length, 0)
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
        <Figure
          name='causes'
          count={String(causes.length)}
          tone={causes.length > 0 ? 'bad' : ''}
          href={to('failures')}
        />
      </div>
      <NeedsYou all={all} reload={reload} />
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
