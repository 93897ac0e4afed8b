import { useState } from 'preact/hooks'
import type { BlockKindView, BlockView } from '../../schemas/blocks.ts'
import { done } from '../lib/notice.ts'
import { api } from '../lib/session.ts'
import { Action } from '../parts/action.tsx'
import { Sheet } from '../parts/sheet.tsx'

type Props = { block: Partial<BlockView>, kinds: BlockKindView[], close: () => void }
type Property = { type?: string, description?: string, writeOnly?: boolean }

/** Creates a block or replaces it whole: a secret that is there is never shown, so it is written again. */
export function PutBlock ({ block, kinds, close }: Props) {
  const [kind, setKind] = useState(block.kind ?? kinds[0]?.kind ?? '')
  const [name, setName] = useState(block.name ?? '')
  const [values, setValues] = useState<Record<string, string>>(startOf(block))
  const { properties, required } = fieldsOf(kinds.find((one) => one.kind === kind))
  const put = async (): Promise<void> => {
    const given = Object.entries(values).filter(([field, text]) => text !== '' && field in properties)
    const { change } = await api().putBlock(
      kind,
      name,
      Object.fromEntries(given.map(([field, text]) => [field, read(properties[field], text)]))
    )
    done(`${name} is ${change ?? 'changed'}`)
    close()
  }
  return (
    <Sheet title={block.name === undefined ? 'New block' : `Replace ${kind}/${name}`} close={close}>
      <label>
        Kind{' '}
        <select
          value={kind}
          disabled={block.kind !== undefined}
          onChange={(event) => {
            setKind(event.currentTarget.value)
          }}
        >
          {kinds.map((one) => (
            <option key={one.kind}>{one.kind}</option>
          ))}
        </select>
      </label>
      <label>
        Name{' '}
        <input
          value={name}
          disabled={block.name !== undefined}
          onInput={(event) => {
            setName(event.currentTarget.value)
          }}
        />
      </label>
      {Object.entries(properties).map(([field, { writeOnly, description }]) => (
        <label key={field}>
          <span>
            {field}
            {required.has(field) && <strong class='bad'> needed</strong>}
            {writeOnly === true && ' (secret)'}
          </span>
          <input
            type={writeOnly === true ? 'password' : 'text'}
            autocomplete='off'
            value={values[field] ?? ''}
            onInput={(event) => {
              setValues({ ...values, [field]: event.currentTarget.value })
            }}
          />
          {description !== undefined && <small>{description}</small>}
        </label>
      ))}
      <p class='row'>
        <Action scope='blocks' tone='main' run={put}>
          Save
        </Action>
        <button type='button' onClick={close}>
          Leave it
        </button>
      </p>
    </Sheet>
  )
}

function startOf ({ value = {} }: Partial<BlockView>): Record<string, string> {
  const shown = Object.entries(value).filter(([, one]) => one !== '***')
  return Object.fromEntries(
    shown.map(([field, one]) => [field, typeof one === 'string' ? one : JSON.stringify(one)])
  )
}

function fieldsOf (kind: BlockKindView | undefined): {
  properties: Record<string, Property>
  required: Set<string>
} {
  const { properties = {}, required = [] } = (kind?.schema ?? {}) as {
    properties?: Record<string, Property>
    required?: string[]
  }
  return { properties, required: new Set(required) }
}

/** What is no text is written as JSON. */
function read (property: Property | undefined, text: string): unknown {
  if (property?.type === 'string') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
