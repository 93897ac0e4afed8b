import { errors } from '../../base/errors.ts'
import { checkValue, type KeyedEvent } from '../../base/event.ts'
import { pathOf, toEvent, withData } from './attributes.ts'
import { isBase64, isJsonType } from './formats.ts'
import { parseJson } from './text.ts'

/** Most events of one batch: all of them are written in one step. */
const MAX_BATCH = 1000

/** Reads an event in structured mode (CloudEvents JSON format 1.0.2): the body is the event. */
export const readStructured = (body: Uint8Array): KeyedEvent => readObject(parseJson(body, ''), '')

/** Reads a batch; the paths of errors begin with the place of the event, from 0. */
export function readBatch (body: Uint8Array): KeyedEvent[] {
  const batch = parseJson(body, '')
  if (!Array.isArray(batch)) throw errors.invalidEvent('', 'must be a JSON array of events in batch mode')
  if (batch.length > MAX_BATCH) throw errors.batchTooLarge(batch.length, MAX_BATCH)
  return batch.map((one, i) => readObject(one, String(i)))
}

function readObject (value: unknown, at: string): KeyedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw errors.invalidEvent(at, 'must be a JSON object')
  }
  const { data, data_base64: base64, ...attributes } = value as Record<string, unknown>
  const keyed = toEvent(Object.entries(attributes), at)
  if (Object.hasOwn(value, 'data')) {
    if (base64 !== undefined && base64 !== null) {
      throw errors.invalidEvent(pathOf(at, 'data_base64'), 'and data exclude each other')
    }
    return withData(keyed, { data: checkData(data, keyed.event['datacontenttype'] as string | undefined, at) })
  }
  return base64 === undefined || base64 === null ? keyed : withData(keyed, { data_base64: checkBase64(base64, at) })
}

/** Without a media type the data is JSON. A string stays one: it is not read as JSON again. */
function checkData (data: unknown, mediaType: string | undefined, at: string): unknown {
  checkValue(data, pathOf(at, 'data'))
  if (mediaType !== undefined && !isJsonType(mediaType) && data !== null && typeof data !== 'string') {
    throw errors.invalidEvent(pathOf(at, 'data'), `must be a string where datacontenttype is ${mediaType}`)
  }
  return data
}

function checkBase64 (base64: unknown, at: string): string {
  if (typeof base64 !== 'string' || !isBase64(base64)) {
    throw errors.invalidEvent(pathOf(at, 'data_base64'), 'must be base64 (RFC 4648, with padding)')
  }
  return base64
}
