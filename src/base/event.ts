import { createHash } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import { errors } from './errors.ts'
import { readReprObject } from './python-repr.ts'

/**
 * Something that happened. CloudEvents attributes by name; any other field a sender gave (such as Ensembl's `genome`)
 * is kept as it came.
 */
export type DispatchEvent = {
  id: string
  source: string
  type: string
  subject?: string
  /** RFC 3339, as the sender gave it; absent when it gave none. */
  time?: string
  data?: unknown
  [field: string]: unknown
}

/** An event as a process hands it over: `type` is required, id and source are made when it is dispatched. */
export type FollowOn = { type: string, subject?: string, time?: string, data?: unknown, [field: string]: unknown }

/**
 * An event with the key under which it is kept. `given` tells that the sender chose the id, so that it may come again.
 */
export type KeyedEvent = { event: DispatchEvent, key: string, given: boolean }

/** The source of an event that was posted without one. */
export const DEFAULT_SOURCE = '/jobs'

/** Deeper JSON has no use here, and recursive code of others (PostgreSQL's among it) fails on it. */
const MAX_DEPTH = 64
const MAX_NAME = 256

/**
 * Reads an event as it was posted. An id that the sender did not give is made (UUIDv7); `genome`, Ensembl's word for
 * what an event is about, is its subject where there is no other. `sender` is the source of one that names none.
 *
 * @throws INVALID_EVENT with the path of the field that is at fault
 */
export function readEvent (posted: unknown, sender = DEFAULT_SOURCE): KeyedEvent {
  if (typeof posted !== 'object' || posted === null || Array.isArray(posted)) {
    throw errors.invalidEvent('', 'must be a JSON object')
  }
  const body = withDataOfRepr(posted as Record<string, unknown>)
  checkValue(body)
  const fields = body
  const type = name(fields, 'type')
  if (type === undefined) throw errors.invalidEvent('type', 'is required: the event type, a key of event_lookup.json')
  const id = name(fields, 'id')
  const source = name(fields, 'source') ?? sender
  const subject = name(fields, 'subject') ?? (typeof fields['genome'] === 'string' ? name(fields, 'genome') : undefined)
  const time = name(fields, 'time')
  if (time !== undefined && !isTimestamp(time)) {
    throw errors.invalidEvent(
      'time',
      'must be an RFC 3339 time with seconds and an offset, such as 2026-11-21T10:30:00Z'
    )
  }
  const key = id === undefined ? uuidv7() : eventKey(source, id)
  const event: DispatchEvent = { ...fields, id: id ?? key, source, type, subject, time }
  // An attribute that is null is not given.
  if (subject === undefined) delete event.subject
  if (time === undefined) delete event.time
  return { event, key, given: id !== undefined }
}

/** Data that were pasted as Python prints them, quotes and all, are what the quotes hold. */
function withDataOfRepr (body: Record<string, unknown>): Record<string, unknown> {
  const data = typeof body['data'] === 'string' ? readReprObject(body['data']) : undefined
  return data === undefined ? body : { ...body, data }
}

/** Where the event of a sender is kept: the same (source, id) always gives the same key. */
export const eventKey = (source: string, id: string): string => `e${digest(['event', source, id])}`

/**
 * Where the `index`-th follow-on event of a job is kept. Of another kind than a sender's keys, so
 * that none can be forged.
 */
export const followOnKey = (jobId: string, index: number): string => `f${digest(['follow-on', jobId, index])}`

/** Where the replay of an event is kept that was asked for under this id: the same request again makes nothing new. */
export const replayKey = (requestId: string, key: string): string => `r${digest(['replay', requestId, key])}`

/** Keys and job ids as they stand in addresses. */
export const ID_PATTERN = '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$'

export const jobIdOf = (key: string, processName: string): string => `${key}.${processName}`

/** The event key of a job of `processName`, or undefined where the id cannot be one. */
export function keyOfJob (jobId: string, processName: string): string | undefined {
  const end = `.${processName}`
  return jobId.endsWith(end) && jobId.length > end.length ? jobId.slice(0, -end.length) : undefined
}

/** A short name for values of any length. */
export const digest = (parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

function name (fields: Record<string, unknown>, field: string): string | undefined {
  const value = fields[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') throw errors.invalidEvent(field, 'must be a string that is not empty')
  if (value.length > MAX_NAME) throw errors.invalidEvent(field, `must have at most ${MAX_NAME} characters`)
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) throw errors.invalidEvent(field, 'must not hold control characters')
  return value
}

/** RFC 3339 with seconds and an offset, fractions to nanoseconds; a leap second where there may be one. */
export function isTimestamp (text: string): boolean {
  const [, year, month, day, hour, minute, second, sign, offHour = 0, offMinute = 0] =
    /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/.exec(
      text
    ) ?? []
  if (year === undefined) return false
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  const offset = (Number(offHour) * 60 + Number(offMinute)) * (sign === '-' ? 1 : -1)
  const minuteOfDay = (Number(hour) * 60 + Number(minute) + offset + 2 * 24 * 60) % (24 * 60)
  return (
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    (Number(second) < 60 || (second === '60' && minuteOfDay === LAST_MINUTE))
  )
}

/** Of a day in UTC, in which a leap second may come. */
const LAST_MINUTE = 24 * 60 - 1

/**
 * Refuses JSON that some datastore could not give back as it came: too deep, U+0000, lone surrogates (PostgreSQL keeps
 * neither). Walks with a stack of its own, because the depth is what it guards against. `at` is where it stands.
 */
export function checkValue (top: unknown, at = ''): void {
  const stack: Array<{ value: unknown, path: string, depth: number }> = [{ value: top, path: at, depth: 0 }]
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { value, path, depth } = item
    if (typeof value === 'string') checkText(value, path)
    if (typeof value !== 'object' || value === null) continue
    if (depth >= MAX_DEPTH) throw errors.invalidEvent(path.slice(0, 100), `is nested deeper than ${MAX_DEPTH} levels`)
    for (const [field, child] of Object.entries(value)) {
      const below = path === '' ? field : `${path}/${field}`
      checkText(field, below)
      if (isPoison(field, child)) {
        throw errors.invalidEvent(below.slice(0, 100), 'is a name that changes objects of other programs')
      }
      stack.push({ value: child, path: below, depth: depth + 1 })
    }
  }
}

function checkText (text: string, path: string): void {
  if (text.includes('\0')) {
    throw errors.invalidEvent(path.replaceAll('\0', '\\u0000'), 'holds U+0000, which PostgreSQL cannot keep')
  }
  if (!text.isWellFormed()) {
    throw errors.invalidEvent(path.toWellFormed(), 'holds a lone surrogate: it is not Unicode text')
  }
}

/** Readers that assign what they read would change what all their objects inherit. */
const isPoison = (field: string, value: unknown): boolean => field === '__proto__' ||
  (field === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype'))
