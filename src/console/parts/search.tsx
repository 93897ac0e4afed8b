import { useState } from 'preact/hooks'
import { go, to } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { failed } from '../lib/notice.ts'

/** Finds an event or a job by its id, else all that happened to a subject. */
export function Search () {
  const [value, setValue] = useState('')
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const wanted = value.trim()
    if (wanted === '') return
    try {
      go(await find(wanted))
      setValue('')
    } catch (error) {
      failed(error)
    }
  }
  return (
    <form
      class='search'
      role='search'
      onSubmit={(event) => {
        void submit(event)
      }}
    >
      <input
        id='search'
        type='search'
        placeholder='Id or subject'
        aria-label='Search: id of an event or a job, or a subject'
        value={value}
        onInput={(event) => {
          setValue(event.currentTarget.value)
        }}
      />
      <kbd aria-hidden='true'>/</kbd>
    </form>
  )
}

const EVENT_KEY = /^(e?[0-9a-f]{8}-[0-9a-f-]{27}|[ef][0-9a-f]{32})$/
const JOB_ID = /^([0-9a-zA-Z-]{32,40})\.([A-Za-z0-9_.-]+)$/

async function find (wanted: string): Promise<string> {
  const [, , processName] = JOB_ID.exec(wanted) ?? []
  if (processName !== undefined) return to('jobs', [processName, wanted])
  if (EVENT_KEY.test(wanted)) return to('events', [wanted])
  const event = await api()
    .getEvent(wanted)
    .catch(() => undefined)
  if (event !== undefined) return to('events', [event.id])
  return to('subjects', [wanted])
}
