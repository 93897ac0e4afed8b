import { useEffect, useState } from 'preact/hooks'
import type { NewEvent } from '../../../client/event-client.ts'
import type { EventTypes, Processes } from '../../../schemas/lookups.ts'
import { toCommand, toCurl } from '../../lib/commands.ts'
import { useLoad } from '../../lib/load.ts'
import { copy } from '../../lib/notice.ts'
import { field, go, setQuery, toEvent } from '../../lib/router.ts'
import { api, session } from '../../lib/session.ts'
import { Action } from '../../parts/action.tsx'
import { useTitle } from '../../parts/frame.tsx'
import { Shown } from '../../parts/shown.tsx'
import { Form } from './form.tsx'
import { Plan } from './plan.tsx'

/** An event by hand: a form and its JSON, which are one value, and under them what it would start. */
export function Submit () {
  useTitle('Submit')
  const load = useLoad('submit', async () => {
    const [types, processes] = await Promise.all([api().eventTypes(), api().processes()])
    return { types, processes }
  })
  return (
    <>
      <h1>Submit an event</h1>
      <Shown load={load}>{(known) => <Editor types={known.types} processes={known.processes} />}</Shown>
    </>
  )
}

function Editor ({ types, processes }: { types: EventTypes, processes: Processes }) {
  const type =
    field('type') === ''
      ? (types.items.find(({ example }) => example !== null)?.type ?? types.items[0]?.type ?? '')
      : field('type')
  const entry = types.items.find((one) => one.type === type)
  const [text, setText] = useState('')
  useEffect(() => {
    let isOld = false
    void startOf(type, entry).then((event) => {
      if (!isOld) setText(JSON.stringify(event, null, 2))
    })
    return () => {
      isOld = true
    }
  }, [type])
  const event = parse(text)
  const started = processes.items.filter(({ process }) => entry?.processes.includes(process) === true)
  return (
    <>
      <div class='bar'>
        <label>
          Event type
          <select
            value={type}
            onChange={(change) => {
              setQuery({ type: change.currentTarget.value, copy: '' })
            }}
          >
            {types.items.map((one) => (
              <option key={one.type} value={one.type}>
                {one.type}
              </option>
            ))}
          </select>
        </label>
        <p class='soft'>{entry?.description}</p>
      </div>
      <div class='two submit'>
        <section class='panel' aria-label='Form'>
          <h2>Form</h2>
          <Form
            key={`${type} ${String(text === '')}`}
            event={typeof event === 'string' ? { type } : event}
            isBroken={typeof event === 'string'}
            processes={started}
            set={(next) => {
              setText(JSON.stringify(next, null, 2))
            }}
          />
        </section>
        <div class='beside'>
          <section class='panel' aria-label='JSON'>
            <h2>JSON</h2>
            <div class='pad'>
              <textarea
                aria-label='The event as JSON'
                rows={Math.max(12, text.split('\n').length)}
                spellcheck={false}
                value={text}
                onInput={(change) => {
                  setText(change.currentTarget.value)
                }}
              />
              {typeof event === 'string' && (
                <p class='note bad' role='alert'>
                  This is not JSON: {event}
                </p>
              )}
            </div>
          </section>
          {typeof event !== 'string' && <Foot event={event} />}
        </div>
      </div>
    </>
  )
}

function Foot ({ event }: { event: NewEvent }) {
  const submit = async (): Promise<void> => {
    const { event: id } = await api().submit(event)
    go(toEvent(id))
  }
  return (
    <>
      <Plan event={event} />
      <div class='bar'>
        <Action scope='submit' tone='main' run={submit}>
          Submit
        </Action>
        <button
          type='button'
          onClick={() => {
            void copy(toCurl(event, session.value?.key_needed === true), 'curl command')
          }}
        >
          Copy as curl
        </button>
        <button
          type='button'
          onClick={() => {
            void copy(toCommand(event), 'Command')
          }}
        >
          Copy as signalbox submit
        </button>
        <span class='soft'>
          {event['id'] === undefined
            ? 'Without an id each submission is a new event.'
            : 'The same id and source again start nothing.'}
        </span>
      </div>
    </>
  )
}

/** The example of the type, or a copy of an event that was. */
async function startOf (type: string, entry: EventTypes['items'][number] | undefined): Promise<NewEvent> {
  const copied = field('copy')
  if (copied !== '') {
    try {
      const { id: _id, source: _source, time: _time, ...event } = (await api().getEvent(copied)).event
      return { ...event, type }
    } catch {
      // It is gone: the example is as good a beginning.
    }
  }
  return { type, ...entry?.example }
}

function parse (text: string): NewEvent | string {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'an event is an object'
    return { type: '', ...value }
  } catch (error) {
    return (error as Error).message
  }
}
