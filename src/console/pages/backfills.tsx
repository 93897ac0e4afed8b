import { useState } from 'preact/hooks'
import { to } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { visible } from '../lib/visible.ts'
import type { BackfillView } from '../../schemas/backfills.ts'
import { Action } from '../parts/action.tsx'
import { useTitle } from '../parts/frame.tsx'
import { More } from '../parts/more.tsx'
import { Empty } from '../parts/shown.tsx'
import { Status } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'
import { NewBackfill } from './new-backfill.tsx'

const LOOK_MS = 5000

/** Ranges of time that were filled, and how far they are. */
export function Backfills () {
  useTitle('Backfills')
  const [isNew, setNew] = useState(false)
  return (
    <>
      <div class='page-head'>
        <h1>Backfills</h1>
        <Action
          scope='operate'
          run={() => {
            setNew(true)
          }}
        >
          New backfill
        </Action>
      </div>
      {isNew && (
        <NewBackfill
          close={() => {
            setNew(false)
          }}
        />
      )}
      <section class='panel' aria-label='Backfills'>
        <More
          everyMs={LOOK_MS}
          read={(cursor) => api().listBackfills({ limit: 50, cursor })}
          empty={
            <Empty>
              There is no backfill. <code>signalbox backfill</code> starts one.
            </Empty>
          }
          head={
            <tr>
              <th>Status</th>
              <th>Id</th>
              <th>Type</th>
              <th>Range</th>
              <th>Windows</th>
              <th>Started</th>
            </tr>
          }
          row={(one) => <Row key={one.id} backfill={one} />}
        />
      </section>
    </>
  )
}

function Row ({
  backfill: { id, type, subject, status, begin, end, every, windows, created }
}: {
  backfill: BackfillView
}) {
  return (
    <tr data-row>
      <td>
        <Status of={status} />
      </td>
      <td>
        <a class='cut' href={to('backfills', [id])}>
          {id}
        </a>
      </td>
      <td>
        {visible(type)} <span class='soft'>{visible(subject ?? '')}</span>
      </td>
      <td data-name='range'>
        {begin.slice(0, 10)} to {end.slice(0, 10)}, every {every}
      </td>
      <td data-name='windows'>
        {windows.complete} of {windows.total}
        {windows.failed > 0 && <strong class='bad'>, {windows.failed} failed</strong>}
      </td>
      <td>
        <Ago at={created} />
      </td>
    </tr>
  )
}
