import { useState } from 'preact/hooks'
import { jobsOf, type EventNode, type JobNode, type LiveEvent } from '../../lib/live-event.ts'
import { useKeys } from '../../lib/keys.ts'
import { copy, done } from '../../lib/notice.ts'
import { go, to, toEvent } from '../../lib/router.ts'
import { api, refusal } from '../../lib/session.ts'
import { hasEnded } from '../../lib/status.ts'
import { Action } from '../../parts/action.tsx'
import { Bulk, type Task } from '../../parts/bulk.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Value } from '../../parts/text.tsx'

type Props = { top: EventNode, live: LiveEvent, again: () => void }
type Open = 'retry' | 'cancel' | 'json' | undefined

/** What can be done with an event and all that came of it. */
export function EventActions ({ top, live, again }: Props) {
  const [open, setOpen] = useState<Open>(undefined)
  void live.changes.value
  const jobs = jobsOf(top)
  const failed = jobs.filter(({ fields }) => fields.value.status === 'failed')
  const running = jobs.filter(({ fields }) => !hasEnded(fields.value.status))
  const { event } = top.fields.value
  const close = (): void => {
    setOpen(undefined)
    again()
  }
  const mayOperate = refusal('operate') === undefined
  useKeys({
    r: () => {
      if (failed.length > 0 && mayOperate) setOpen('retry')
    },
    c: () => {
      if (running.length > 0 && mayOperate) setOpen('cancel')
    }
  })
  return (
    <>
      <Action
        scope='operate'
        tone={failed.length > 0 ? 'main' : 'plain'}
        unless={failed.length === 0 ? 'No job has failed.' : undefined}
        run={() => {
          setOpen('retry')
        }}
      >
        Retry failed ({failed.length})
      </Action>
      <Action
        scope='operate'
        tone='danger'
        unless={running.length === 0 ? 'Everything has ended.' : undefined}
        run={() => {
          setOpen('cancel')
        }}
      >
        Cancel what runs ({running.length})
      </Action>
      <Action scope='operate' run={() => replay(top.id, 'now')}>
        Replay now
      </Action>
      <Action scope='operate' run={() => replay(top.id, 'then')}>
        Replay as then
      </Action>
      <a class='button' href={to('submit', [], { copy: top.id, type: event.type })}>
        Copy to Submit
      </a>
      <button
        type='button'
        class='quiet'
        onClick={() => {
          void copy(location.href, 'Link')
        }}
      >
        Copy link
      </button>
      <button
        type='button'
        class='quiet'
        onClick={() => {
          setOpen('json')
        }}
      >
        JSON
      </button>
      {open === 'retry' && (
        <Bulk
          title='Retry what failed'
          verb='Retry'
          close={close}
          tasks={failed.map((job) => taskOf(job, (process, id) => api().retryJob(process, id)))}
        />
      )}
      {open === 'cancel' && (
        <Bulk
          title='Cancel what has not ended'
          verb='Cancel'
          isDanger
          close={close}
          tasks={running.map((job) => taskOf(job, (process, id) => api().cancelJob(process, id)))}
        />
      )}
      {open === 'json' && (
        <Sheet
          title='The event as the API tells it'
          isWide
          close={() => {
            setOpen(undefined)
          }}
        >
          <Value of={top.fields.value} />
        </Sheet>
      )}
    </>
  )
}

function taskOf ({ id, fields }: JobNode, run: (process: string, id: string) => Promise<unknown>): Task {
  const { process, reason, waiting_for: waits } = fields.value
  return {
    process,
    id,
    detail: reason ?? waits ?? '',
    run: async () => {
      await run(process, id)
    }
  }
}

/** Leads to the new event: what was replayed is the past. */
async function replay (id: string, as: 'now' | 'then'): Promise<void> {
  const { event } = await api().replayEvent(id, { as })
  go(toEvent(event))
  done('Replayed: this is the new event')
}
