import type { ComponentChildren } from 'preact'
import { jobsIn, keyOf, type readGroups } from '../lib/failures.ts'
import { done } from '../lib/notice.ts'
import { to } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { beginning, visible } from '../lib/visible.ts'
import type { EventSummary } from '../../schemas/events.ts'
import type { ProcessView, QueueView } from '../../schemas/lookups.ts'
import type { FailureGroup } from '../../schemas/redrive.ts'
import type { ScheduleView } from '../../schemas/schedules.ts'
import type { Stats, WorkerView } from '../../schemas/stats.ts'
import { Action } from '../parts/action.tsx'
import { PausedBy } from '../parts/acts.tsx'
import { Empty } from '../parts/shown.tsx'
import { Mark } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'

/** What the overview is made of. */
export type Overall = {
  queues: QueueView[]
  processes: ProcessView[]
  schedules: ScheduleView[]
  latest: EventSummary[]
  running: EventSummary[]
  workers: WorkerView[]
}

/** What is counted for it, less often. */
export type Counted = { groups: Awaited<ReturnType<typeof readGroups>>, stats: Stats }

/** All that waits for a person, the worst first. */
export function NeedsYou ({
  all: { queues, processes, schedules, workers },
  counted: { groups, stats },
  reload
}: {
  all: Overall
  counted: Counted
  reload: () => void
}) {
  const paused = queues.filter((queue) => queue.paused)
  const unserved = queues.filter(({ workers, waiting }) => workers === 0 && waiting > 0)
  const resumed = async (what: Promise<unknown>): Promise<void> => {
    await what
    done('Resumed')
    reload()
  }
  const needs = [
    ...groups.items.map((cause) => <CauseNeed key={keyOf(cause)} cause={cause} />),
    ...workers.filter(({ lost }) => lost).map(({ id, name, last_seen: seen, running_count: count }) => (
      <Need
        key={`w ${id}`}
        mark='⚠'
        tone='bad'
        what={`Worker ${name} is lost`}
        more={<>seen <Ago at={seen} />, with {jobsIn(count)} that others take over</>}
        href={to('processes')}
      />
    )),
    ...unserved.map(({ queue, processes: of, waiting }) => (
      <Need
        key={`u ${queue}`}
        mark='⚠'
        tone='bad'
        what={`Nobody serves queue ${queue}`}
        more={<>{waiting} waiting<Oldest stats={stats} of={of} /></>}
        href={to('processes')}
      />
    )),
    ...paused.map(({ queue, processes: of, waiting, acts }) => (
      <Need
        key={`q ${queue}`}
        mark='‖'
        tone='off'
        what={`Queue ${queue} is paused`}
        more={<><PausedBy acts={acts} /> ({waiting} waiting)</>}
        href={to('processes', [of[0] ?? ''])}
      >
        <Action scope='operate' run={() => resumed(api().resumeQueue(queue))}>
          Resume
        </Action>
      </Need>
    )),
    ...processes
      .filter((one) => one.paused)
      .map(({ process, acts }) => (
        <Need
          key={`p ${process}`}
          mark='‖'
          tone='off'
          what={`Process ${process} is paused`}
          more={<><PausedBy acts={acts} /> (no job of it begins)</>}
          href={to('processes', [process])}
        >
          <Action scope='operate' run={() => resumed(api().resumeProcess(process))}>
            Resume
          </Action>
        </Need>
      )),
    ...schedules
      .filter(({ problem }) => problem !== null)
      .map(({ schedule, problem }) => (
        <Need
          key={`s ${schedule}`}
          mark='⚠'
          tone='bad'
          what={`Schedule ${schedule} made no event`}
          more={problem ?? ''}
          href={to('schedules')}
        />
      ))
  ]
  return (
    <section class='panel' aria-label='Needs you'>
      <h2>Needs you</h2>
      {needs.length === 0
        ? (
          <Empty>
            <strong>
              Nothing. <span class='good'>✔</span>
            </strong>{' '}
            Nothing failed in the last 24 hours, and everything is served.
          </Empty>
          )
        : (
          <ul class='needs'>{needs}</ul>
          )}
    </section>
  )
}

/** How long the oldest of them waits. */
function Oldest ({ stats, of }: { stats: Stats, of: string[] }) {
  const times = stats.processes.flatMap(({ process, oldest }) => of.includes(process) ? oldest ?? [] : [])
  const [first] = times.sort()
  return first === undefined ? null : <>, the oldest came <Ago at={first} /></>
}

function CauseNeed ({ cause }: { cause: FailureGroup }) {
  const { process, reason, count, last } = cause
  const href = to('failures', [], { open: keyOf(cause) })
  return (
    <li data-row>
      <Mark of='failed' />
      <div>
        <a class='what' href={href}>
          {process}
        </a>{' '}
        <span class='reason'>{beginning(reason, 160)}</span>
        <div class='soft'>
          {jobsIn(count)}, last <Ago at={last} />
        </div>
      </div>
      <span class='acts'>
        <a class='button' href={href}>
          Open
        </a>
      </span>
    </li>
  )
}

type NeedProps = {
  mark: string
  tone: string
  what: string
  more: ComponentChildren
  href?: string
  children?: ComponentChildren
}

function Need ({ mark, tone, what, more, href, children }: NeedProps) {
  return (
    <li data-row>
      <span class={`mark ${tone}`} aria-hidden='true'>
        {mark}
      </span>
      <div>
        <span class='what'>{href === undefined ? visible(what) : <a href={href}>{visible(what)}</a>}</span>{' '}
        <span class='soft'>{typeof more === 'string' ? visible(more) : more}</span>
      </div>
      <span class='acts'>{children}</span>
    </li>
  )
}
