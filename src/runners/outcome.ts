import { errors } from '../base/errors.ts'
import type { ProcessOutcome } from '../sdk/process.ts'

export type OutcomeLimits = {
  /** Bytes of the outcome as JSON: it is stored with the job and travels to every reader. */
  maxOutputBytes: number
}

/**
 * Checks what a process returned and makes it plain JSON: what a reader sees is what was recorded.
 * U+0000 and lone surrogates, which PostgreSQL cannot store, become U+FFFD: one bad character must not void the work.
 * Throws `errors.final` with what is wrong: not `{ output?, events? }`, a malformed event, not JSON, too large.
 */
export const readOutcome = (value: unknown, limits: OutcomeLimits): ProcessOutcome => {
  if (!isRecord(value)) throw errors.final(`the process returned ${nameOf(value)}, not an object { output?, events? }`)
  const strange = Object.keys(value).filter(key => !outcomeKeys.has(key))
  if (strange.length > 0) {
    throw errors.final(`the process returned an object with ${strange.slice(0, 3).map(quote).join(', ')}; only output and events are allowed`)
  }
  // null is how other languages leave something out
  const { output, events } = value
  if (events !== undefined && events !== null) checkEvents(events)
  const outcome = toJson({ output, events: events ?? undefined })
  const bytes = Buffer.byteLength(outcome)
  if (bytes > limits.maxOutputBytes) {
    throw errors.final(`the outcome has ${bytes} bytes, more than the ${limits.maxOutputBytes} allowed; put it into the store and return its name`)
  }
  return JSON.parse(outcome) as ProcessOutcome
}

/**
 * The outcome that a command or a service wrote as JSON: an object that has `output` or `events`
 * and nothing else is the outcome, any other value is its output.
 */
export const outcomeOf = (value: unknown, limits: OutcomeLimits): ProcessOutcome => {
  const keys = isRecord(value) ? Object.keys(value) : []
  const whole = keys.length > 0 && keys.every(key => outcomeKeys.has(key))
  return readOutcome(whole ? value : { output: value }, limits)
}

const outcomeKeys = new Set(['output', 'events'])

const quote = (text: string): string => JSON.stringify(text.slice(0, 60))

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const nameOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

const checkEvents = (events: unknown): void => {
  if (!Array.isArray(events)) throw errors.final(`events is ${nameOf(events)}, not an array`)
  events.forEach((event: unknown, index) => {
    if (!isRecord(event)) throw errors.final(`events[${index}] is ${nameOf(event)}, not an event`)
    if (typeof event.type !== 'string' || event.type === '') {
      throw errors.final(`events[${index}].type must be a non-empty string`)
    }
  })
}

const toJson = (value: unknown): string => {
  try {
    return storable(JSON.stringify(value))
  } catch (cause) {
    // BigInt, a circle, a throwing toJSON, nesting beyond the stack
    throw errors.final(
      `the outcome cannot be written as JSON: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`,
      { cause }
    )
  }
}

// JSON.stringify escapes lone surrogates and nothing else of d800-dfff; an escaped backslash must be stepped over.
const storable = (json: string): string =>
  json.replace(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    escape.length === 6 && /^\\u(?:0000|d)/.test(escape) ? '\ufffd' : escape
  )
