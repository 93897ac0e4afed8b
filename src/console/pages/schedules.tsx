import { useLoad } from '../lib/load.ts'
import { done } from '../lib/notice.ts'
import { go, to, toEvent } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { absolute, clock, day, length } from '../lib/time.ts'
import { visible } from '../lib/visible.ts'
import type { ScheduleView } from '../../schemas/schedules.ts'
import { Action } from '../parts/action.tsx'
import { useTitle } from '../parts/frame.tsx'
import { Pause } from '../parts/pause.tsx'
import { Empty, Shown } from '../parts/shown.tsx'
import { Mark, Status } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'

const LOOK_MS = 5000
const PAST = 14

/** What the clock will do next, and whether it did its last. */
export function Schedules () {
  useTitle('Schedules')
  const load = useLoad('schedules', () => api().schedules(), { everyMs: LOOK_MS })
  return (
    <>
      <h1>Schedules</h1>
      <Shown load={load}>
        {({ items }) =>
          items.length === 0
            ? (
              <Empty>
                No schedule is defined: they stand in <code>schedule_lookup.json</code>.
              </Empty>
              )
            : (
                items.map((one) => <Schedule key={one.schedule} view={one} reload={load.reload} />)
              )}
      </Shown>
    </>
  )
}

function Schedule ({ view, reload }: { view: ScheduleView, reload: () => void }) {
  const { schedule, paused, acts, problem } = view
  const run = async (): Promise<void> => {
    go(toEvent((await api().runSchedule(schedule)).event))
    done('This is the event that was made')
  }
  return (
    <section class='panel' data-row aria-label={schedule}>
      <header>
        <h2 class='name'>{visible(schedule)}</h2>
        <span class='row spring'>
          <Action scope='operate' run={run} label={`Run now ${schedule}`}>
            Run now
          </Action>
          <Pause
            name={`schedule ${schedule}`}
            means='It makes no events until it is resumed; ticks that come meanwhile are left out.'
            paused={paused}
            acts={acts}
            pause={(note) => api().pauseSchedule(schedule, note)}
            resume={() => api().resumeSchedule(schedule)}
            reload={reload}
          />
        </span>
      </header>
      {problem !== null && <p class='note bad'>The latest tick made no event: {visible(problem)}</p>}
      <Facts view={view} />
    </section>
  )
}

function Facts ({ view }: { view: ScheduleView }) {
  const {
    type,
    cron,
    every,
    timezone,
    subject,
    last,
    event,
    event_status: status,
    description,
    next_ticks: ticks
  } = view
  return (
    <dl class='facts pad'>
      <dt>Makes</dt>
      <dd>
        {visible(type)} {subject !== null && <span class='soft'>about {visible(subject)}</span>}
      </dd>
      <dt>When</dt>
      <dd>
        {cron === null ? `every ${every ?? ''}` : <code>{cron}</code>} <span class='soft'>{timezone}</span>
        {spacing(ticks)}
      </dd>
      <dt>Next</dt>
      <dd>{ticks.length === 0 ? 'none' : <Ticks ticks={ticks} />}</dd>
      <dt>Last</dt>
      <dd>
        {last === null && 'none yet'}
        {last !== null && event === null && <Ago at={last} />}
        {last !== null && event !== null && (
          <>
            {status !== null && <Status of={status} />}{' '}
            <a href={toEvent(event)}>
              <Ago at={last} />
            </a>
          </>
        )}
      </dd>
      <dt>Before</dt>
      <dd>
        <Past view={view} />
      </dd>
      {description !== null && (
        <>
          <dt>For</dt>
          <dd>{description}</dd>
        </>
      )}
    </dl>
  )
}

/** How far apart its ticks are, for whoever does not read cron. */
function spacing ([first, second]: string[]): string {
  return first === undefined || second === undefined
    ? ''
    : `, the next two ${length(Date.parse(second) - Date.parse(first))} apart`
}

function Ticks ({ ticks }: { ticks: string[] }) {
  return (
    <span class='row'>
      {ticks.map((tick, i) => (
        <time key={tick} dateTime={tick} title={absolute(tick)}>
          {i === 0
            ? (
              <strong>
                {day(tick)} {clock(tick)}
              </strong>
              )
            : (
            `${day(tick)} ${clock(tick)}`
              )}
        </time>
      ))}
    </span>
  )
}

/** What came of its latest ticks, the newest first. */
function Past ({ view: { source, event } }: { view: ScheduleView }) {
  const load = useLoad(`past ${source} ${event ?? ''}`, () => api().listEvents({ source, limit: PAST }))
  const items = load.data?.items ?? []
  if (items.length === 0) return <span class='soft'>nothing yet</span>
  return (
    <span class='row'>
      {items.map(({ id, tree_status: status, received }) => (
        <a key={id} class='dot' href={toEvent(id)} title={absolute(received)}>
          <Mark of={status} />
        </a>
      ))}
      <a href={to('events', [], { source })}>all</a>
    </span>
  )
}
