import { useState } from 'preact/hooks'
import { cancelTree, retryTree } from '../../lib/acting.ts'
import type { EventNode, LiveEvent } from '../../lib/live-event.ts'
import { useKeys } from '../../lib/keys.ts'
import { copy, done } from '../../lib/notice.ts'
import { go, to, toEvent } from '../../lib/router.ts'
import { api, refusal } from '../../lib/session.ts'
import { Action } from '../../parts/action.tsx'
import { Bulk } from '../../parts/bulk.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Value } from '../../parts/text.tsx'

type Props = { top: EventNode, live: LiveEvent, again: () => void }
type Open = 'retry' | 'cancel' | 'json' | undefined

/** What can be done with an event and all that came of it. */
export function EventActions ({ top, live, again }: Props) {
  const [open, setOpen] = useState<Open>(undefined)
  const { failed, open: running } = live.counts.value
  const { event } = top.fields.value
  const close = (): void => {
    setOpen(undefined)
    again()
  }
  const mayOperate = refusal('operate') === undefined
  useKeys({
    r: () => {
      if (failed > 0 && mayOperate) setOpen('retry')
    },
    c: () => {
      if (running > 0 && mayOperate) setOpen('cancel')
    }
  })
  return (
    <>
      <Action
        scope='operate'
        tone={failed > 0 ? 'main' : 'plain'}
        unless={failed === 0 ? 'No job has failed.' : undefined}
        run={() => {
          setOpen('retry')
        }}
      >
        Retry failed ({failed})
      </Action>
      <Action
        scope='operate'
        tone='danger'
        unless={running === 0 ? 'Everything has ended.' : undefined}
        run={() => {
          setOpen('cancel')
        }}
      >
        Cancel what runs ({running})
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
          note='All that has failed under this event, but for what was dismissed or made good.'
          close={close}
          act={retryTree(top.id)}
        />
      )}
      {open === 'cancel' && (
        <Bulk
          title='Cancel what has not ended'
          verb='Cancel'
          isDanger
          note='Waiting jobs are cancelled at once; running ones are told to stop.'
          close={close}
          act={cancelTree(top.id)}
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

/** Leads to the new event: what was replayed is the past. */
async function replay (id: string, as: 'now' | 'then'): Promise<void> {
  const { event } = await api().replayEvent(id, { as })
  go(toEvent(event))
  done('Replayed: this is the new event')
}
