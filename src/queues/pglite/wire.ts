import { createRequire } from 'node:module'
import pg from 'pg'
import type * as Protocol from 'pg-protocol'
import type {
  BackendMessage, CommandCompleteMessage, DataRowMessage, DatabaseError, Field, NotificationResponseMessage,
  RowDescriptionMessage
} from 'pg-protocol/dist/messages'
import type * as Parsers from 'pg-protocol/dist/parser'
import type { WireValue } from './messages.ts'

export interface PgliteResult<R> {
  rows: R[]
  rowCount: number | null
  command: string
  fields: Field[]
}

export type PgliteNotification = { channel: string, payload: string, processId: number }

export type Reply = {
  result: PgliteResult<Record<string, unknown>>
  error: DatabaseError | undefined
  notifications: PgliteNotification[]
}

/** What the thread needs to know of a reply; the rest is decoded where the query was asked. */
export type ReplySummary = {
  /** `I` outside a transaction, `T` inside one, `E` inside a failed one; undefined where the session gave no answer. */
  status: string | undefined
  code: string | undefined
  severity: string | undefined
  hasParsed: boolean
}

// pg-protocol's entry for `import` is a module that says it is CommonJS, which only some loaders forgive.
const require = createRequire(import.meta.url)
const { serialize } = require('pg-protocol') as typeof Protocol
const { Parser } = require('pg-protocol/dist/parser') as typeof Parsers
// Typed by hand: pg exports the file, @types/pg does not know it.
const { prepareValue } = require('pg/lib/utils') as { prepareValue: (value: unknown) => string | Buffer | null }

const PARSE_COMPLETE = 0x31
const ERROR = 0x45
const READY = 0x5a

export function toWireValue (value: unknown): WireValue {
  const prepared = prepareValue(value)
  // A copy: a small Buffer is a window on a slab that would be cloned whole.
  return prepared instanceof Buffer ? new Uint8Array(prepared) : prepared
}

export function encodeSimple (text: string): Buffer {
  return serialize.query(text)
}

/** One batch per query: the database is entered once for it. */
export function encodePrepared (
  statement: { name: string, text: string, isNew: boolean, closed: string[] },
  values: WireValue[]
): Buffer {
  const { name, text, isNew, closed } = statement
  return Buffer.concat([
    ...closed.map((old) => serialize.close({ type: 'S', name: old })),
    ...(isNew ? [serialize.parse({ name, text })] : []),
    serialize.bind({ statement: name, values: values.map(toBuffer) }),
    serialize.describe({ type: 'P' }),
    serialize.execute(),
    serialize.sync()
  ])
}

/** The bytes of an error that the database did not raise itself. */
export function encodeError (code: string, message: string): Buffer {
  const fields = Buffer.from(`SERROR\0VERROR\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.writeUInt8(ERROR)
  head.writeUInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

export function summarize (bytes: Buffer): ReplySummary {
  const summary: ReplySummary = { status: undefined, code: undefined, severity: undefined, hasParsed: false }
  for (let offset = 0; offset + 5 <= bytes.length;) {
    const end = offset + 1 + bytes.readUInt32BE(offset + 1)
    const type = bytes[offset]
    if (type === PARSE_COMPLETE) summary.hasParsed = true
    else if (type === READY) summary.status = String.fromCharCode(bytes[offset + 5] ?? 0)
    else if (type === ERROR && summary.code === undefined) {
      const fields = bytes.toString('utf8', offset + 5, end).split('\0')
      summary.code = fields.find((field) => field.startsWith('C'))?.slice(1)
      summary.severity = fields.find((field) => field.startsWith('V'))?.slice(1)
    }
    offset = end
  }
  return summary
}

/** Reads a reply as `pg` does. Of several statements in one text, the last one's result. */
export function decodeReply (bytes: Buffer): Reply {
  const reply: Reply = {
    result: { rows: [], rowCount: null, command: '', fields: [] },
    error: undefined,
    notifications: []
  }
  let columns: Array<{ name: string, read: (text: string) => unknown }> = []

  new Parser().parse(bytes, (message: BackendMessage) => {
    switch (message.name) {
      case 'rowDescription': {
        const { fields } = message as RowDescriptionMessage
        columns = fields.map(({ name, dataTypeID }) => ({ name, read: pg.types.getTypeParser(dataTypeID, 'text') }))
        reply.result = { rows: [], rowCount: null, command: '', fields }
        break
      }
      case 'dataRow': {
        const values = (message as DataRowMessage).fields as Array<string | null>
        const row: Record<string, unknown> = {}
        columns.forEach(({ name, read }, at) => {
          const value = values[at] ?? null
          row[name] = value === null ? null : read(value)
        })
        reply.result.rows.push(row)
        break
      }
      case 'commandComplete': {
        const { text } = message as CommandCompleteMessage
        const [command = '', ...counts] = text.split(' ')
        const count = Number(counts.at(-1))
        // A statement without rows must not show those of the one before it.
        if (reply.result.command !== '') reply.result = { rows: [], rowCount: null, command: '', fields: [] }
        reply.result.command = command
        if (counts.length > 0 && Number.isInteger(count)) reply.result.rowCount = count
        break
      }
      case 'error':
        reply.error ??= message as DatabaseError
        break
      case 'notification': {
        const { channel, payload, processId } = message as NotificationResponseMessage
        reply.notifications.push({ channel, payload, processId })
        break
      }
      default:
    }
  })
  return reply
}

function toBuffer (value: WireValue): string | Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}
