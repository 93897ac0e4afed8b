import { useState } from 'preact/hooks'
import { useLoad } from '../lib/load.ts'
import { done } from '../lib/notice.ts'
import { toEvent } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { length, now } from '../lib/time.ts'
import { visible } from '../lib/visible.ts'
import type { BackfillView } from '../../schemas/backfills.ts'
import { Action } from '../parts/action.tsx'
import { useTitle } from '../parts/frame.tsx'
import { Shown } from '../parts/shown.tsx'
import { Status } from '../parts/status.tsx'
import { Reason } from '../parts/text.tsx'
import { Ago } from '../parts/time.tsx'
import { Windows } from './windows.tsx'

const LOOK_MS = 2000

/** A range of time: how far it is, and every window of it. */
export function BackfillPage ({ id }: { id: string }) {
  useTitle(`Backfill ${id}`)
  const load = useLoad(`backfill ${id}`, (signal) => api().getBackfill(id, { signal }), { everyMs: LOOK_MS })
  return <Shown load={load}>{(backfill) => <Backfill backfill={backfill} reload={load.reload} />}</Shown>
}

function Backfill ({ backfill, reload }: { backfill: BackfillView, reload: () => void }) {
  const { id, type, subject, status, begin, end, every, windows, failed = [], created } = backfill
  return (
    <>
      <div class='page-head'>
        <h1>
          <Status of={status} /> {visible(id)}
        </h1>
        <Actions backfill={backfill} reload={reload} />
      </div>
      <p class='soft'>
        {visible(type)}{subject !== null && ` ${visible(subject)}`}, {begin} to {end}, every {every}, started <Ago at={created} />
      </p>
      <section class='panel' aria-label='Progress'>
        <div class='pad row'>
          <progress
            max={windows.total}
            value={windows.complete + windows.failed}
            aria-label='Windows that have ended'
          />
          <span>
            {count(windows.complete)} complete,{' '}
            {windows.failed > 0 ? <strong class='bad'>{count(windows.failed)} failed</strong> : 'none failed'},{' '}
            {count(windows.running)} running, {count(windows.waiting)} waiting of {count(windows.total)}
          </span>
          <span class='soft'>{leftOf(backfill)}</span>
        </div>
        <Windows id={id} total={windows.total} marks={backfill.marks ?? ''} />
        {failed.length > 0 && (
          <div class='scroll'>
            <table class='cards'>
              <thead>
                <tr>
                  <th>Failed window</th>
                  <th>Reason</th>
                </tr>
              </thead>
              <tbody>
                {failed.slice(0, 100).map(({ begin: from, event, reason }) => (
                  <tr key={from} data-row>
                    <td>
                      <a href={toEvent(event)}>{from}</a>
                    </td>
                    <td class='wide'>
                      <Reason text={reason} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </>
  )
}

function Actions ({
  backfill: { id, status, windows, ended, concurrency },
  reload
}: {
  backfill: BackfillView
  reload: () => void
}) {
  const [room, setRoom] = useState(String(concurrency))
  const over = ended !== null ? 'It has ended.' : undefined
  const act = async (what: Promise<unknown>, said: string): Promise<void> => {
    await what
    done(said)
    reload()
  }
  const isPaused = status === 'paused'
  return (
    <span class='row spring'>
      <label class='check'>
        at once
        <input
          class='short'
          inputMode='numeric'
          value={room}
          onInput={(event) => {
            setRoom(event.currentTarget.value)
          }}
        />
      </label>
      <Action
        scope='operate'
        unless={over}
        run={() => act(api().setBackfillConcurrency(id, Number(room)), `${room} windows at once`)}
      >
        Set
      </Action>
      <Action
        scope='operate'
        unless={over}
        run={() =>
          act(
            isPaused ? api().resumeBackfill(id) : api().pauseBackfill(id),
            isPaused ? 'It goes on' : 'No window is submitted until it is resumed'
          )}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Action>
      <Action
        scope='operate'
        tone={windows.failed > 0 ? 'main' : 'plain'}
        unless={windows.failed === 0 && status !== 'cancelled' ? 'No window has failed.' : undefined}
        run={() => act(api().retryBackfill(id), 'What failed runs again')}
      >
        Retry failed ({windows.failed})
      </Action>
      <Action
        scope='operate'
        tone='danger'
        unless={over}
        run={() => act(api().cancelBackfill(id), 'No more windows are submitted')}
      >
        Cancel
      </Action>
    </span>
  )
}

const count = (windows: number): string => windows.toLocaleString('en')

/** How long it may still take, at the rate until now. */
function leftOf ({ windows: { complete, failed, total }, created, ended }: BackfillView): string {
  const over = complete + failed
  if (ended !== null || over === 0) return ''
  const each = (now.value - Date.parse(created)) / over
  return `about ${length(each * (total - over))} left`
}
