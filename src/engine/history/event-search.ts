import { errors } from '../../base/errors.ts'
import type { Entered, Ledger } from '../../ledger/contract.ts'
import { keyOfSenderId, sets } from '../documents/names.ts'
import { readPages, type Paged, type Range } from '../documents/paging.ts'
import { seeEvents, type EventFilter, type SeenEvent } from './event-filter.ts'
import { findEvents, readStoredEvents, type StoredEvent } from './find.ts'

type Reads = Pick<Ledger, 'get' | 'list' | 'count'>

/** The id of an event that was given none begins with the time at which it was made, milliseconds in 12 hex digits. */
const TIMED_ID = /^[0-9a-f]{8}(-[0-9a-f-]{0,27})?$/
/** Between the making of an id and the taking of its event. */
const SLACK_MS = 60_000
/** Events of that time which are looked at. */
const MOST_OF_A_TIME = 1000

/**
 * Events whose id, or the id that their sender gave, begins with a text, then those whose subject it is. A cursor
 * begins with the letter of the list in which it goes on.
 */
export async function searchEvents (
  ledger: Reads,
  text: string,
  filter: EventFilter,
  range: Range
): Promise<Paged<SeenEvent>> {
  const { cursor, limit } = range
  const [list, rest] = [cursor?.slice(0, 1) ?? 'i', cursor?.slice(1)]
  if (list === 's') return await bySubject(ledger, text, filter, { ...range, cursor: rest === '' ? undefined : rest })
  if (list !== 'i') throw errors.invalidQuery('cursor', 'is not the `next` of a page of this list')
  const first = rest === undefined ? [...await byKey(ledger, text), ...await byTime(ledger, text)] : []
  const { keys, next } = await bySenderId(ledger, text, limit, rest)
  const found = [...first, ...await readStoredEvents(ledger, keys)].filter((one) => one !== undefined)
  const known = new Map(found.map((one) => [one.key, one]))
  const seen = (await seeEvents(ledger, [...known.values()], filter)).filter((one) => one !== undefined)
  if (next !== null) return { items: seen, next: `i${next}` }
  const [more = 0] = await ledger.count([sets.subject(text)])
  return { items: seen, next: more === 0 ? null : 's' }
}

async function byKey (ledger: Reads, text: string): Promise<StoredEvent[]> {
  return (await findEvents(ledger, [text])).filter((one) => one !== undefined)
}

/** A piece of such an id tells when its event came: among those of that time it is looked for. */
async function byTime (ledger: Reads, text: string): Promise<StoredEvent[]> {
  if (!TIMED_ID.test(text)) return []
  const digits = text.replaceAll('-', '').slice(0, 12)
  const [from, to] = [Number.parseInt(digits.padEnd(12, '0'), 16), Number.parseInt(digits.padEnd(12, 'f'), 16)]
  const page = { min: from - SLACK_MS, max: to + SLACK_MS, limit: MOST_OF_A_TIME, reverse: true }
  const keys = (await ledger.list(sets.events, page)).map(([, key]) => key).filter((key) => key.startsWith(text))
  return (await readStoredEvents(ledger, keys)).filter((one) => one !== undefined)
}

/** Members stand in the order of their letters, so that those which begin alike stand together. */
async function bySenderId (
  ledger: Reads,
  text: string,
  limit: number,
  cursor: string | undefined
): Promise<{ keys: string[], next: string | null }> {
  const after: Entered = [0, cursor === undefined ? text : Buffer.from(cursor, 'base64url').toString()]
  const members = await ledger.list(sets.ids, { after, limit })
  const fit = members.filter(([, member]) => member.startsWith(text))
  const last = members.length === limit && fit.length === members.length ? members.at(-1)?.[1] : undefined
  return {
    keys: fit.map(([, member]) => keyOfSenderId(member)),
    next: last === undefined ? null : Buffer.from(last).toString('base64url')
  }
}

async function bySubject (
  ledger: Reads,
  subject: string,
  filter: EventFilter,
  range: Range
): Promise<Paged<SeenEvent>> {
  const { items, next } = await readPages(ledger, [sets.subject(subject)], range, async (members) =>
    await seeEvents(ledger, await readStoredEvents(ledger, members.map(([, key]) => key)), filter))
  return { items, next: next === null ? null : `s${next}` }
}
