import { to } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { visible } from '../lib/visible.ts'
import { useTitle } from '../parts/frame.tsx'
import { EventList } from './events.tsx'

/** All that ever happened to one genome, council or document. */
export function Subject ({ name }: { name: string }) {
  useTitle(visible(name))
  return (
    <>
      <div class='page-head'>
        <h1>{visible(name)}</h1>
        <a href={to('failures', [], { subject: name, since: '30d' })}>Its failures</a>
      </div>
      <EventList key={name} read={(cursor) => api().listEvents({ subject: name, limit: 50, cursor })} />
      <p class='soft'>
        The whole history as JSON lines: <code>signalbox export --subject {visible(name)}</code>
      </p>
    </>
  )
}
