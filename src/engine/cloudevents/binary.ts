import { errors } from '../../base/errors.ts'
import { checkValue, type KeyedEvent } from '../../base/event.ts'
import { toEvent, withData } from './attributes.ts'
import { isJsonType, isMediaType } from './formats.ts'
import { headerOf, type Message } from './message.ts'
import { decodeText, parseJson } from './text.ts'

const PREFIX = 'ce-'
/** What a header `ce-…` must not say: the media type is that of the request, and the data is its body. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['datacontenttype', 'is told by Content-Type here'],
  ['data', 'is the body of the request here']
])

/** Reads an event in binary mode: attributes in headers `ce-<name>`, the data in the body. */
export function readBinary (message: Message): KeyedEvent {
  const attributes = new Map<string, string>()
  for (const [header, value] of message.headers) {
    if (!header.toLowerCase().startsWith(PREFIX)) continue
    const name = header.slice(PREFIX.length).toLowerCase()
    const elsewhere = ELSEWHERE.get(name)
    if (elsewhere !== undefined) throw errors.invalidEvent(name, elsewhere)
    if (attributes.has(name)) throw errors.invalidEvent(name, 'is given twice')
    attributes.set(name, decodeHeader(value, name))
  }
  const contentType = headerOf(message, 'content-type')
  if (attributes.size === 0) {
    throw errors.invalidEvent(
      'specversion',
      'is required: this request has neither ce- headers nor a CloudEvents Content-Type'
    )
  }
  if (contentType !== undefined) attributes.set('datacontenttype', contentType)
  return withData(toEvent([...attributes], ''), readData(message.body, contentType))
}

/** Unquotes a header value, then decodes percents once. Bytes that were sent as they are count as UTF-8, too. */
function decodeHeader (value: string, name: string): string {
  const text = value.trim()
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1]?.replace(/\\(.)/g, '$1') ?? text
  try {
    return decodeURIComponent(quoted.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`))
  } catch {
    throw errors.invalidEvent(name, 'is not percent-encoded UTF-8')
  }
}

function readData (body: Uint8Array, contentType: string | undefined): { data?: unknown, data_base64?: string } {
  if (body.length === 0) return {}
  if (contentType !== undefined && isMediaType(contentType)) {
    if (isJsonType(contentType)) return checked(parseJson(body, 'data'))
    const charset = /;[ \t]*charset="?([^";\s]+)/i.exec(contentType)?.[1]
    const text = /^text\//i.test(contentType) ? decodeText(body, charset) : undefined
    if (text !== undefined) return checked(text)
  }
  return { data_base64: Buffer.from(body).toString('base64') }
}

function checked (data: unknown): { data: unknown } {
  checkValue({ data })
  return { data }
}
