import { useState } from 'preact/hooks'
import type { NewEvent } from '../../../client/event-client.ts'
import type { ProcessView } from '../../../schemas/lookups.ts'
import { fieldsOf, type Field } from '../../lib/forms.ts'

type Props = { event: NewEvent, isBroken: boolean, processes: ProcessView[], set: (event: NewEvent) => void }

/** The fields of the event and of its data, as the processes that it starts describe them. */
export function Form ({ event, isBroken, processes, set }: Props) {
  const data =
    typeof event['data'] === 'object' && event['data'] !== null && !Array.isArray(event['data'])
      ? (event['data'] as Record<string, unknown>)
      : {}
  const fields = fieldsOf(processes)
  const put = (name: string, value: unknown): void => {
    set(without({ ...event, [name]: value }, name))
  }
  const putData = (name: string, value: unknown): void => {
    put('data', without({ ...data, [name]: value }, name))
  }
  const subjectName = event['genome'] !== undefined && event['subject'] === undefined ? 'genome' : 'subject'
  // What is needed or given, whatever is typed meanwhile; the rest is a click away.
  const [began] = useState(data)
  const first = fields.filter(({ name, isNeeded }) => isNeeded || Object.hasOwn(began, name))
  const rest = fields.filter((field) => !first.includes(field))
  const entry = (field: Field) => (
    <Entry
      key={field.name}
      field={field}
      value={data[field.name]}
      put={(value) => {
        putData(field.name, value)
      }}
    />
  )
  return (
    <div class='pad form'>
      <Text
        label={subjectName === 'genome' ? 'Subject (genome)' : 'Subject'}
        value={event[subjectName]}
        put={(value) => {
          put(subjectName, value)
        }}
      />
      <Text
        label='Id'
        hint='of your choosing; made by the service where empty'
        value={event['id']}
        put={(value) => {
          put('id', value)
        }}
      />
      {first.map(entry)}
      {rest.length > 0 && (
        <details>
          <summary>{rest.length} more fields that may be given</summary>
          <div class='form'>{rest.map(entry)}</div>
        </details>
      )}
      {isBroken && <p class='soft'>The JSON cannot be read: mend it there.</p>}
      {fields.length === 0 && (
        <p class='soft'>The processes of this type describe no fields: write `data` as JSON.</p>
      )}
    </div>
  )
}

function without<T extends Record<string, unknown>> (object: T, name: string): T {
  if (object[name] === undefined || object[name] === '') delete object[name]
  return object
}

function Text ({
  label,
  hint,
  value,
  put
}: {
  label: string
  hint?: string
  value: unknown
  put: (value: string) => void
}) {
  return (
    <label>
      {label}
      <input
        value={typeof value === 'string' ? value : ''}
        onInput={(event) => {
          put(event.currentTarget.value)
        }}
      />
      {hint !== undefined && <small>{hint}</small>}
    </label>
  )
}

function Entry ({ field, value, put }: { field: Field, value: unknown, put: (value: unknown) => void }) {
  const { name, kind, description, isNeeded, fallback, of } = field
  return (
    <label>
      <span>
        {name}
        {isNeeded && <strong class='bad'> needed</strong>} <small>{of.join(', ')}</small>
      </span>
      {kind === 'yes' || kind === 'choice'
        ? (
          <select
            value={value === undefined ? '' : String(value)}
            onChange={(event) => {
              put(read(kind, event.currentTarget.value))
            }}
          >
            <option value=''>{fallback === undefined ? 'not given' : `by default ${String(fallback)}`}</option>
            {(kind === 'yes' ? ['true', 'false'] : field.choices).map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
          )
        : (
          <input
            value={typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)}
            placeholder={fallback === undefined ? '' : JSON.stringify(fallback)}
            inputMode={kind === 'number' || kind === 'integer' ? 'decimal' : 'text'}
            onInput={(event) => {
              put(read(kind, event.currentTarget.value))
            }}
          />
          )}
      {description !== '' && <small>{description}</small>}
    </label>
  )
}

/** What was written as the value it means; what is none of its kind stays text, and the plan says what is wrong. */
function read (kind: Field['kind'], text: string): unknown {
  if (text === '') return undefined
  if (kind === 'text' || kind === 'choice') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
