import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import iconFailed from '../../icon-failed.svg'
import { useEvent } from '../../lib/follow-event.ts'
import { jobsOf, type EventNode, type JobNode, type LiveEvent, type TreeNode } from '../../lib/live-event.ts'
import { useKeys } from '../../lib/keys.ts'
import { field, place, setQuery, to, toEvent } from '../../lib/router.ts'
import { shownAs } from '../../lib/status.ts'
import { absolute, length, now } from '../../lib/time.ts'
import { visible } from '../../lib/visible.ts'
import { useTitle } from '../../parts/frame.tsx'
import { Empty, Skeleton } from '../../parts/shown.tsx'
import { Status } from '../../parts/status.tsx'
import { JobPanel } from '../job/panel.tsx'
import { EventActions } from './actions.tsx'
import { EventPanel } from './event-panel.tsx'
import { LiveState } from './live-state.tsx'
import { JobTable } from './table.tsx'
import { Timeline } from './timeline.tsx'
import { Tree } from './tree.tsx'

const VIEWS = ['tree', 'time', 'table'] as const
const NAMES = { tree: 'Tree', time: 'Timeline', table: 'Table' }
/** Below it the table is what can be read. */
const NARROW_PX = 700

type View = (typeof VIEWS)[number]

export function EventPage ({ id }: { id: string }) {
  const followed = useEvent(id, place.value.query.get('source') ?? undefined)
  const { live, state } = followed
  const top = live.top.value
  const given = field('view')
  const view: View = VIEWS.find((one) => one === given) ?? (innerWidth < NARROW_PX ? 'table' : 'tree')
  useKeys({
    t: () => {
      setQuery({ view: VIEWS[(VIEWS.indexOf(view) + 1) % VIEWS.length] ?? 'tree' })
    },
    '.': () => {
      followed.isOn.value = !followed.isOn.value
    },
    Escape: () => {
      setQuery({ node: '' })
    }
  })
  if (top === undefined) {
    return <Waiting state={<LiveState followed={followed} />} isGone={state.value.kind === 'gone'} id={id} />
  }
  return (
    <>
      <Head top={top} />
      <div class='bar'>
        <EventActions top={top} live={live} again={followed.again} />
        <LiveState followed={followed} />
      </div>
      <nav class='tabs' aria-label='Views of the event'>
        {VIEWS.map((one) => (
          <a
            key={one}
            href={to('events', [id], { view: one, node: field('node') })}
            aria-current={one === view ? 'page' : undefined}
          >
            {NAMES[one]}
          </a>
        ))}
      </nav>
      {view === 'tree' && <Tree live={live} top={top} />}
      {view === 'time' && <Timeline live={live} top={top} />}
      {view === 'table' && <JobTable live={live} top={top} />}
      <Selected live={live} top={top} again={followed.again} />
    </>
  )
}

function Waiting ({ state, isGone, id }: { state: ComponentChildren, isGone: boolean, id: string }) {
  useTitle(`Event ${id}`)
  return (
    <>
      <h1>
        Event <span class='id'>{visible(id)}</span>
      </h1>
      {state}
      {isGone
        ? (
          <Empty>
            There is no such event here (any more). What has ended is removed after the retention;{' '}
            <code>signalbox export</code> keeps a history for longer.
          </Empty>
          )
        : (
          <Skeleton />
          )}
    </>
  )
}

function Head ({ top }: { top: EventNode }) {
  const { event, tree_status: status, received, replays, cause, root, truncated, refused } = top.fields.value
  const { mark } = shownAs(status)
  const subject = typeof event['subject'] === 'string' ? event['subject'] : ''
  useTitle(`${mark} ${event.type} ${subject}`)
  useEffect(() => setIcon(status === 'failed'), [status])
  return (
    <header>
      <div class='page-head'>
        <h1>
          <Status of={status} /> {visible(event.type)}
        </h1>
        {subject !== '' && <a href={to('subjects', [subject])}>{visible(subject)}</a>}
      </div>
      <p class='row soft'>
        <span>
          received{' '}
          <time dateTime={received} title={absolute(received)}>
            {absolute(received).split(' (')[0]}
          </time>
        </span>
        <span>from {visible(String(event['source'] ?? ''))}</span>
        <Took top={top} />
        <span class='id'>{top.id}</span>
        {replays !== null && (
          <span>
            replays{' '}
            <a class='id' href={toEvent(replays)}>
              {replays}
            </a>
          </span>
        )}
        {cause !== null && (
          <span>
            caused by <a href={toEvent(cause.event, cause.job)}>{cause.process}</a>
            {root !== cause.event && (
              <>
                , submitted as <a href={toEvent(root)}>{root}</a>
              </>
            )}
          </span>
        )}
      </p>
      {refused !== null && <p class='note warn'>It started nothing: {visible(refused)}</p>}
      {truncated && (
        <p class='note warn' role='status'>
          The tree has more events than the {top.children.length === 0 ? '' : 'first 1,000 that '}are shown. Open
          one below to see what came of it.
        </p>
      )}
    </header>
  )
}

/** From its arrival to the end of the last job, or until now. */
function Took ({ top }: { top: EventNode }) {
  const { received, tree_status: status } = top.fields.value
  const endOf = (job: JobNode): number => Date.parse(job.fields.peek().timestamps.ended ?? received)
  const end = status === 'incomplete' ? now.value : Math.max(Date.parse(received), ...jobsOf(top).map(endOf))
  return (
    <span>
      {status === 'incomplete' ? 'under way for' : 'took'} {length(end - Date.parse(received))}
    </span>
  )
}

function Selected ({
  live,
  top,
  again
}: {
  live: LiveEvent
  top: EventNode
  again: () => void
}) {
  const wanted = field('node')
  void live.shape.value
  const node = live.nodes.get(wanted) ?? firstFailed(live, top)
  // On a phone what was chosen is below all rows.
  useEffect(() => {
    if (wanted !== '' && innerWidth < NARROW_PX) { document.querySelector('main > .panel:last-child')?.scrollIntoView() }
  }, [wanted])
  if (node?.kind === 'job') {
    return (
      <JobPanel
        key={node.id}
        process={node.fields.value.process}
        id={node.id}
        version={node.fields.value.status}
        changed={again}
      />
    )
  }
  return <EventPanel node={node ?? top} />
}

/** Where nothing was chosen, the reason is what is looked for. */
function firstFailed (live: LiveEvent, top: EventNode): TreeNode | undefined {
  if (live.counts.value.failed === 0) return undefined
  return jobsOf(top).find(({ fields }) => fields.peek().status === 'failed')
}

function setIcon (hasFailed: boolean): () => void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const usual = link?.href ?? ''
  if (link !== null && hasFailed) link.href = new URL(iconFailed, location.href).href
  return () => {
    if (link !== null) link.href = usual
  }
}
