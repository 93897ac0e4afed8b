import { hashOfBytes } from '../sequence/hash.ts'
import { decode } from './attributes.ts'

const SLOTS = 256

/** Makes the text of a column. Names of regions and types come again and again: the last ones are made once. */
export function createTexts (): (bytes: Buffer, from: number, to: number) => string {
  const known: Array<{ bytes: Buffer, text: string } | undefined> = new Array(SLOTS).fill(undefined)
  return (bytes, from, to) => {
    const slot = hashOfBytes(bytes, from, to) % SLOTS
    const found = known[slot]
    if (found !== undefined && isThere(found.bytes, bytes, from, to)) return found.text
    const text = decode(bytes.toString('utf8', from, to))
    known[slot] = { bytes: Buffer.from(bytes.subarray(from, to)), text }
    return text
  }
}

function isThere (expected: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (expected.length !== to - from) return false
  for (let at = 0; at < expected.length; at++) if (expected[at] !== bytes[from + at]) return false
  return true
}
