import type { EventNode, TreeNode } from '../../lib/live-event.ts'
import { toEvent } from '../../lib/router.ts'
import { visible } from '../../lib/visible.ts'
import { Status } from '../../parts/status.tsx'
import { Value } from '../../parts/text.tsx'
import { Ago } from '../../parts/time.tsx'

/** What an event of the tree brought. */
export function EventPanel ({ node }: { node: TreeNode }) {
  const event = node.kind === 'event' ? node : node.parent
  return <Panel event={event} />
}

function Panel ({ event: { id, fields } }: { event: EventNode }) {
  const { event, status, tree_status: treeStatus, received, lookups, depth, refused } = fields.value
  return (
    <section class='panel' aria-label={`Event ${event.type}`}>
      <header>
        <h3>{visible(event.type)}</h3>
        <Status of={treeStatus} />
      </header>
      <div class='pad two'>
        <dl class='facts'>
          <dt>Id</dt>
          <dd class='id'>{depth === 0 ? id : <a href={toEvent(id)}>{id}</a>}</dd>
          <dt>Its own jobs</dt>
          <dd>
            <Status of={status} />
          </dd>
          <dt>Received</dt>
          <dd>
            <Ago at={received} />
          </dd>
          <dt>Lookups</dt>
          <dd class='id'>{lookups}</dd>
          {refused !== null && (
            <>
              <dt>Started nothing</dt>
              <dd>{visible(refused)}</dd>
            </>
          )}
        </dl>
        <Value of={event} />
      </div>
    </section>
  )
}
