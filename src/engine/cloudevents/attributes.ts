import { errors } from '../../base/errors.ts'
import { eventKey, isTimestamp, type DispatchEvent, type KeyedEvent } from '../../base/event.ts'
import { hasForbiddenCharacter, isAbsoluteUri, isMediaType, isUriReference } from './formats.ts'

type Rule = { isValid: (text: string) => boolean, expected: string, maxLength?: number }

const notEmpty: Rule = { isValid: (text) => text !== '', expected: 'must not be empty' }

/** Characters. The datastores index type and subject, which bounds those. */
const MAX_INDEXED = 256
const MAX_LENGTH = 8192

/** The attributes of CloudEvents 1.0.2. Any other is an extension. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['specversion', { isValid: (text) => text === '1.0', expected: 'must be "1.0"' }],
  ['id', notEmpty],
  [
    'source',
    { isValid: isUriReference, expected: 'must be a URI reference, such as /mycontext or https://example.org/x' }
  ],
  ['type', { ...notEmpty, maxLength: MAX_INDEXED }],
  ['subject', { ...notEmpty, maxLength: MAX_INDEXED }],
  ['datacontenttype', { isValid: isMediaType, expected: 'must be a media type, such as application/json' }],
  ['dataschema', { isValid: isAbsoluteUri, expected: 'must be an absolute URI' }],
  [
    'time',
    {
      isValid: isTimestamp,
      expected: 'must be an RFC 3339 time with seconds and an offset, such as 2026-11-21T10:30:00Z'
    }
  ]
])

const REQUIRED = ['specversion', 'id', 'source', 'type']
const MAX_INT32 = 2 ** 31

/** `3`, `id` → `3/id`: where a field stands in the request. */
export const pathOf = (at: string, name: string): string => at === '' ? name : `${at}/${name}`

/**
 * Checks the attributes of one event and makes it of them. `null` means that an attribute is not set. The
 * same (source, id) gives the same key again.
 *
 * @throws INVALID_EVENT with the path of the attribute, below `at`
 */
export function toEvent (given: Array<[name: string, value: unknown]>, at: string): KeyedEvent {
  const attributes = new Map(given.filter(([, value]) => value !== null))
  for (const name of REQUIRED) {
    if (!attributes.has(name)) {
      throw errors.invalidEvent(pathOf(at, name), 'is required of a CloudEvent')
    }
  }
  checkAttribute('specversion', attributes.get('specversion'), at)
  for (const [name, value] of attributes) checkAttribute(name, value, at)
  const event = Object.fromEntries(attributes) as DispatchEvent
  return { event, key: eventKey(event.source, event.id), given: true }
}

export const withData = (keyed: KeyedEvent, data: { data?: unknown, data_base64?: string }): KeyedEvent => ({
  ...keyed,
  event: { ...keyed.event, ...data }
})

function checkAttribute (name: string, value: unknown, at: string): void {
  const path = pathOf(at, name.slice(0, 100).toWellFormed())
  if (!/^[a-z0-9]+$/.test(name)) {
    throw errors.invalidEvent(path, 'is no name for an attribute: it may have lower-case letters and digits only')
  }
  if (typeof value === 'string' && hasForbiddenCharacter(value)) {
    throw errors.invalidEvent(path, 'holds a control character, a noncharacter or a lone surrogate')
  }
  const rule = RULES.get(name)
  if (rule === undefined) return checkExtension(value, path)
  if (typeof value !== 'string') throw errors.invalidEvent(path, 'must be a string')
  const { isValid, expected, maxLength = MAX_LENGTH } = rule
  if (value.length > maxLength) throw errors.invalidEvent(path, `must have at most ${maxLength} characters`)
  if (!isValid(value)) throw errors.invalidEvent(path, expected)
}

function checkExtension (value: unknown, path: string): void {
  const isInt32 = Number.isInteger(value) && (value as number) >= -MAX_INT32 && (value as number) < MAX_INT32
  if (typeof value !== 'string' && typeof value !== 'boolean' && !isInt32) {
    throw errors.invalidEvent(path, 'must be a string, a boolean or a whole number of 32 bits')
  }
}
