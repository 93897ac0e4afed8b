import type { Span, View } from './view.ts'

/** Bytes that stand in a text as base64, base32, hexadecimal or decimal digits; one character for each byte. */
export type Run = View & {
  /** Of the whole run. */
  span: Span
  /** Read from its first character, and not from the second or third: most others are noise. */
  isWhole: boolean
  /** Digits of numbers, which may stand among others. */
  isDigits?: boolean
}

const BASE64 = /[A-Za-z0-9+/_-]{4,}/g
/** Lines of one width, as base64 is wrapped in mail and keys. */
const WRAPPED_BASE64 = /[A-Za-z0-9+/_-]{16,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]+)+/g
const BASE32 = /[A-Z2-7]{10,}/g
const HEX = /(?:0x)?[0-9a-fA-F]+(?:[\s:,.-]{1,3}(?:0x)?[0-9a-fA-F]+)*/g
const HEX_DIGITS = 8
const DECIMAL = /\d{1,3}(?:[,\s]{1,3}\d{1,3}){3,}/g
/** A run of base64 that is shorter is read from its first character only. */
const SHORT = 8

/**
 * All that may be bytes in a text. Where a run begins in an encoding cannot be seen, so that each beginning is tried.
 */
export function * runsIn (text: string): Generator<Run> {
  for (const match of text.matchAll(BASE64)) yield * base64Runs(text, match[0], match.index)
  if (text.includes('\n')) for (const match of text.matchAll(WRAPPED_BASE64)) yield * wrappedRuns(match[0], match.index)
  for (const match of text.matchAll(BASE32)) yield * base32Runs(match[0], match.index)
  for (const match of text.matchAll(HEX)) yield * hexRuns(match[0], match.index)
  for (const match of text.matchAll(DECIMAL)) yield * decimalRuns(match[0], match.index)
}

function * base64Runs (text: string, digits: string, start: number): Generator<Run> {
  const end = start + digits.length
  const padding = /^={1,2}/.exec(text.slice(end, end + 2))?.[0].length ?? 0
  const span: Span = [start, end + padding]
  for (let offset = 0; offset < (digits.length < SHORT ? 1 : 4); offset++) {
    const bytes = Buffer.from(digits.slice(offset), 'base64').toString('latin1')
    // The four digits of each three bytes, so that nothing of them is left.
    const spanOf = (from: number, to: number): Span => {
      const last = start + offset + Math.ceil(to / 3) * 4
      return [start + offset + Math.floor(from / 3) * 4, last >= end ? end + padding : last]
    }
    yield { text: bytes, spanOf, span, isWhole: offset === 0 }
  }
}

function * wrappedRuns (block: string, start: number): Generator<Run> {
  const places = [...block].flatMap((char, i) => /\s/.test(char) ? [] : [start + i])
  const whole = block.replace(/\s+/g, '')
  for (const run of base64Runs(whole, whole, 0)) {
    const spanOf = (from: number, to: number): Span => {
      const [first, last] = run.spanOf(from, to)
      return [places[first] ?? start, (places[last - 1] ?? start + block.length - 1) + 1]
    }
    yield { ...run, spanOf, span: [start, start + block.length] }
  }
}

const BASE32_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function * base32Runs (digits: string, start: number): Generator<Run> {
  const span: Span = [start, start + digits.length]
  for (let offset = 0; offset < 8 && digits.length - offset >= 8; offset++) {
    const spanOf = (from: number, to: number): Span =>
      [start + offset + Math.floor(from / 5) * 8, Math.min(start + offset + Math.ceil(to / 5) * 8, span[1])]
    yield { text: readBase32(digits.slice(offset)), spanOf, span, isWhole: offset === 0 }
  }
}

function readBase32 (digits: string): string {
  const bytes: number[] = []
  let held = 0
  let bits = 0
  for (const digit of digits) {
    held = (held << 5) | BASE32_DIGITS.indexOf(digit)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
    held &= (1 << bits) - 1
  }
  return Buffer.from(bytes).toString('latin1')
}

function * hexRuns (block: string, start: number): Generator<Run> {
  if (block.length < HEX_DIGITS) return
  const places: number[] = []
  let digits = ''
  for (const match of block.matchAll(/0x|[0-9a-fA-F]/g)) {
    if (match[0] === '0x') continue
    digits += match[0]
    places.push(start + match.index)
  }
  for (const offset of [0, 1]) {
    const bytes = Buffer.from(digits.slice(offset, digits.length - (digits.length - offset) % 2), 'hex').toString('latin1')
    const spanOf = (from: number, to: number): Span =>
      [places[offset + 2 * from] ?? start, (places[offset + 2 * to - 1] ?? start) + 1]
    yield { text: bytes, spanOf, span: [start, start + block.length], isWhole: offset === 0, isDigits: true }
  }
}

function * decimalRuns (block: string, start: number): Generator<Run> {
  const found = [...block.matchAll(/\d+/g)]
  const numbers = found.map(([digits]) => Number(digits))
  if (numbers.some((one) => one > 255)) return
  const spanOf = (from: number, to: number): Span => {
    const [first, last] = [found[from], found[to - 1]]
    return [start + (first?.index ?? 0), start + (last === undefined ? 0 : last.index + last[0].length)]
  }
  yield { text: Buffer.from(numbers).toString('latin1'), spanOf, span: [start, start + block.length], isWhole: true, isDigits: true }
}
