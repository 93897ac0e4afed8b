import { createHash } from 'node:crypto'

/** A part of a primary key: text, a reference as the id of the other document, or seconds since 1970. */
export type KeyPart = string | number | null

/**
 * The first 12 hex digits of SHA-256 over the Python pickles (protocol 4) of the parts: the id
 * under which the original of these processes stores a document, so that both find each other's.
 */
export function documentId (parts: readonly KeyPart[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(pickle(part))
  return hash.digest('hex').slice(0, 12)
}

const START = Buffer.from([0x80, 0x04])
const STOP = 0x2e

function pickle (part: KeyPart): Buffer {
  if (part === null) return Buffer.from([...START, 0x4e, STOP])
  const body = typeof part === 'string' ? pickledText(part) : pickledFloat(part)
  const frame = Buffer.alloc(9)
  frame[0] = 0x95
  frame.writeBigUInt64LE(BigInt(body.length), 1)
  return Buffer.concat([START, frame, body])
}

function pickledText (text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  const head = bytes.length < 256 ? Buffer.from([0x8c, bytes.length]) : Buffer.from([0x58, 0, 0, 0, 0])
  if (bytes.length >= 256) head.writeUInt32LE(bytes.length, 1)
  return Buffer.concat([head, bytes, Buffer.from([0x94, STOP])])
}

function pickledFloat (value: number): Buffer {
  const bytes = Buffer.alloc(10)
  bytes[0] = 0x47
  bytes.writeDoubleBE(value, 1)
  bytes[9] = STOP
  return bytes
}
