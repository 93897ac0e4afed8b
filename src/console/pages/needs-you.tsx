import type { ComponentChildren } from 'preact'
import type { Cause } from '../lib/causes.ts'
import { done } from '../lib/notice.ts'
import { to } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { beginning, visible } from '../lib/visible.ts'
import type { EventSummary } from '../../schemas/events.ts'
import type { ProcessView, QueueView } from '../../schemas/lookups.ts'
import type { ScheduleView } from '../../schemas/schedules.ts'
import { Action } from '../parts/action.tsx'
import { Empty } from '../parts/shown.tsx'
import { Mark } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'

/** What the overview is made of. */
export type Overall = {
  causes: Cause[]
  isCut: boolean
  queues: QueueView[]
  processes: ProcessView[]
  schedules: ScheduleView[]
  latest: EventSummary[]
  running: EventSummary[]
}

/** All that waits for a person, the worst first. */
export function NeedsYou ({
  all: { causes, queues, processes, schedules },
  reload
}: {
  all: Overall
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
    ...causes.map((cause) => <CauseNeed key={cause.key} cause={cause} />),
    ...unserved.map(({ queue, waiting }) => (
      <Need
        key={`u ${queue}`}
        mark='⚠'
        tone='bad'
        what={`Nobody serves queue ${queue}`}
        more={`${waiting} waiting`}
        href={to('processes')}
      />
    )),
    ...paused.map(({ queue, waiting }) => (
      <Need key={`q ${queue}`} mark='⏸' tone='off' what={`Queue ${queue} is paused`} more={`${waiting} waiting`}>
        <Action scope='operate' run={() => resumed(api().resumeQueue(queue))}>
          Resume
        </Action>
      </Need>
    )),
    ...processes
      .filter((one) => one.paused)
      .map(({ process }) => (
        <Need
          key={`p ${process}`}
          mark='⏸'
          tone='off'
          what={`Process ${process} is paused`}
          more='no job of it begins'
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

function CauseNeed ({ cause: { key, process, reason, jobs, last } }: { cause: Cause }) {
  const href = to('failures', [], { open: key })
  return (
    <li data-row>
      <Mark of='failed' />
      <div>
        <a class='what' href={href}>
          {process}
        </a>{' '}
        <span class='reason'>{beginning(reason, 160)}</span>
        <div class='soft'>
          {jobs.length} {jobs.length === 1 ? 'job' : 'jobs'}, last <Ago at={last} />
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
  more: string
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
        <span class='soft'>{visible(more)}</span>
      </div>
      <span class='acts'>{children}</span>
    </li>
  )
}
