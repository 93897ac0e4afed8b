import { useState } from 'preact/hooks'
import type { BackfillPlan } from '../../schemas/backfills.ts'
import { useLoad } from '../lib/load.ts'
import { go, to } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { Action } from '../parts/action.tsx'
import { Sheet } from '../parts/sheet.tsx'

const FIELDS = [
  ['begin', 'Begins', 'a date or a time, such as 2026-01-01'],
  ['end', 'Ends', 'itself not within'],
  ['every', 'Length of a window', 'such as 1d, 6h, 1w'],
  ['subject', 'Subject', 'may be empty'],
  ['concurrency', 'Windows at once', '4 unless given']
] as const

type Given = Record<string, string>

/** Asks first how many windows it would be. */
export function NewBackfill ({ close }: { close: () => void }) {
  const [given, setGiven] = useState<Given>({ every: '1d' })
  const [plan, setPlan] = useState<BackfillPlan | undefined>(undefined)
  const types = useLoad('types', () => api().eventTypes())
  const put = (name: string, value: string): void => {
    setGiven({ ...given, [name]: value })
    setPlan(undefined)
  }
  const start = async (): Promise<void> => {
    const { id } = await api().startBackfill(toRequest(given))
    go(to('backfills', [id]))
  }
  return (
    <Sheet title='New backfill' close={close}>
      <label>
        Event type
        <select
          value={given['type'] ?? ''}
          onChange={(event) => {
            put('type', event.currentTarget.value)
          }}
        >
          <option value=''>choose</option>
          {types.data?.items.map(({ type }) => (
            <option key={type}>{type}</option>
          ))}
        </select>
      </label>
      {FIELDS.map(([name, label, hint]) => (
        <label key={name}>
          {label}
          <input
            value={given[name] ?? ''}
            placeholder={hint}
            onInput={(event) => {
              put(name, event.currentTarget.value)
            }}
          />
        </label>
      ))}
      {plan !== undefined && (
        <p class='note' role='status'>
          <strong>{plan.windows} events</strong>, the first {plan.first.begin} to {plan.first.end}, the last{' '}
          {plan.last.begin} to {plan.last.end}, {plan.concurrency} at once; each starts{' '}
          {plan.processes.length === 0 ? 'nothing' : plan.processes.join(', ')}.
        </p>
      )}
      <p class='row'>
        <Action
          scope='operate'
          run={async () => {
            setPlan(await api().planBackfill(toRequest(given)))
          }}
        >
          What would it be?
        </Action>
        <Action
          scope='operate'
          tone='main'
          unless={plan === undefined ? 'Ask first what it would be.' : undefined}
          run={start}
        >
          Start
        </Action>
        <button type='button' onClick={close}>
          Leave it
        </button>
      </p>
    </Sheet>
  )
}

const toRequest = ({ type = '', begin = '', end = '', every = '', subject = '', concurrency = '' }: Given) => ({
  type,
  begin,
  end,
  every,
  subject: subject === '' ? undefined : subject,
  concurrency: concurrency === '' ? undefined : Number(concurrency)
})
