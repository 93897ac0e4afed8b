import type { Signal } from '@preact/signals'
import { outcomeOf, type Drawn } from '../../lib/fold.ts'
import type { Placed } from '../../lib/layout.ts'
import type { EventNode, JobNode } from '../../lib/live-event.ts'
import { field, place, to } from '../../lib/router.ts'
import { shownAs } from '../../lib/status.ts'
import { took } from '../../lib/time.ts'
import { beginning } from '../../lib/visible.ts'

type Props = { placed: Placed, active: Signal<string>, isFirst: boolean, open: (key: string) => void }

/** One node of the tree: an event, a job, or many alike. It draws itself again when its own job changes, alone. */
export function Node ({ placed: { drawn, x, y, level }, active, isFirst, open }: Props) {
  const { key, node } = drawn
  const isSelected = field('node') === key
  const common = {
    role: 'treeitem',
    'aria-level': level,
    'aria-selected': isSelected,
    'data-key': key,
    style: { left: x, top: y },
    tabIndex: active.value === key || (active.value === '' && isFirst) ? 0 : -1,
    onFocus: () => {
      active.value = key
    }
  } as const
  if (node === undefined) {
    return (
      <a
        {...common}
        class='node fold'
        href='#'
        onClick={(event) => {
          event.preventDefault()
          open(key)
        }}
      >
        <Folded drawn={drawn} />
      </a>
    )
  }
  return (
    <a
      {...common}
      class={`node ${node.kind} ${shownAs(outcomeOf(node)).tone}`}
      href={hrefOf(key)}
      data-node={node.kind}
    >
      {node.kind === 'job' ? <Job node={node} /> : <Event node={node} />}
    </a>
  )
}

const hrefOf = (key: string): string => {
  const [, id = ''] = place.value.path.slice(1).split('/')
  return to('events', [decodeURIComponent(id)], { ...Object.fromEntries(place.value.query), node: key })
}

function Job ({ node }: { node: JobNode }) {
  const { process, status, timestamps, progress, waiting_for: waits, reason, more: hidden, notices } = node.fields.value
  const { mark, word } = shownAs(status)
  const share =
    progress?.total === undefined || progress.total === 0 ? undefined : progress.complete / progress.total
  const said = status === 'deferred' || status === 'submitted' ? waits : reason
  return (
    <span class='line' title={said === null ? undefined : beginning(said, 400)}>
      <span class='mark' aria-hidden='true'>
        {mark}
      </span>
      <span class='cut name'>{process}</span>
      <span class='hidden'>{word}</span>
      {hidden > 0 && (
        <span class='after' title={`${hidden} follow-on events are not shown here: open the job`}>
          +{hidden}
        </span>
      )}
      {notices !== undefined && notices.failed > 0 && (
        <span class='after bad' title={`${notices.failed} could not be told of its end: open the job`}>
          not told
        </span>
      )}
      <span class='after'>
        {status === 'running' && share !== undefined
          ? `${Math.floor(share * 100)} %`
          : status === 'complete' || status === 'running'
            ? took(timestamps)
            : word}
      </span>
      {status === 'running' && share !== undefined && <span class='share' style={{ width: `${share * 100}%` }} />}
    </span>
  )
}

function Event ({ node }: { node: EventNode }) {
  const { event, tree_status: status } = node.fields.value
  const { mark, word } = shownAs(status)
  return (
    <span class='line'>
      <span class='cut name'>{beginning(event.type, 60)}</span>
      <span class='mark' aria-hidden='true'>
        {mark}
      </span>
      <span class='hidden'>event, {word}</span>
    </span>
  )
}

/** How many alike, and what they came to. */
function Folded ({ drawn: { name, folded } }: { drawn: Drawn }) {
  const counts = new Map<string, number>()
  for (const one of folded) counts.set(outcomeOf(one), (counts.get(outcomeOf(one)) ?? 0) + 1)
  return (
    <span class='line'>
      <span class='cut name'>
        {name} × {folded.length}
      </span>
      <span class='after'>
        {[...counts].map(([status, count]) => `${count} ${shownAs(status).mark}`).join(' ')}
      </span>
      <span class='hidden'>
        {[...counts].map(([status, count]) => `${count} ${shownAs(status).word}`).join(', ')}: open
      </span>
    </span>
  )
}
