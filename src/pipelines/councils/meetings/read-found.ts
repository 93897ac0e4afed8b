import type { Inputs } from '../../../sdk/inputs/inputs.ts'
import type { IngestionEvent } from '../model/model.ts'
import { readMoment } from '../model/moment.ts'
import { readIngestionEvent, type Problem } from '../model/read-event.ts'
import type { Skipped } from '../model/found.ts'

/**
 * A meeting that can be gone on with. `datetime` is that of the session with the lowest index,
 * whether it is kept or not.
 */
export type Meeting = {
  event: IngestionEvent
  datetime: number
  /** A part of it was not to be had, or was at fault. */
  isPartial: boolean
}

type Options = { zone: string, inputs: Inputs, signal: AbortSignal, skipped: Skipped[] }

/**
 * Reads what a source gave. A session or an item of the minutes that is at fault is left out and
 * named, and the rest of the meeting is kept; undefined where nothing is left of it.
 */
export async function readFound (
  given: unknown,
  place: number,
  { zone, inputs, signal, skipped }: Options
): Promise<Meeting | undefined> {
  const name = nameOf(given, place)
  const before = skipped.length
  const datetime = datetimeOf(given, zone)
  let rest = given
  let { event, problems = [] } = readIngestionEvent(given, zone)
  if (event === undefined) {
    const bad = partsAtFault(problems)
    if (bad === undefined) {
      skipped.push({ event: name, reason: describe(problems) })
      return undefined
    }
    for (const { list, index } of bad) {
      skipped.push({
        event: name,
        ...(list === 'sessions' ? { session: index } : { item: index }),
        reason: describe(
          problems.filter(({ field }) => field === `${list}/${index}` || field.startsWith(`${list}/${index}/`))
        )
      })
    }
    rest = without(given as Record<string, unknown[]>, bad)
    ;({ event, problems = [] } = readIngestionEvent(rest, zone))
  }
  if (event === undefined) {
    skipped.push({ event: name, reason: `no session is left: ${describe(problems)}` })
    return undefined
  }
  const sessions = []
  for (const session of event.sessions) {
    const refusal = await localRefusal(session.video_uri, inputs, signal)
    if (refusal === undefined) sessions.push(session)
    else skipped.push({ event: name, session: session.session_index, reason: refusal })
  }
  if (sessions.length === 0) return undefined
  return {
    event: { ...event, sessions },
    datetime: datetime ?? lowest(event.sessions),
    isPartial: skipped.length > before
  }
}

/**
 * Why a video that is a file of this machine cannot be read, or undefined. Other addresses are
 * looked at when they are copied.
 */
export async function localRefusal (
  location: string,
  inputs: Inputs,
  signal: AbortSignal
): Promise<string | undefined> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location) && !/^file:/i.test(location)) return undefined
  try {
    const iterator = (await inputs.open(location, { field: 'video_uri', signal }))[Symbol.asyncIterator]()
    // The file is let go by the reader only, and a reader that was never asked has nothing to let go.
    await iterator.next()
    await iterator.return?.()
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return (error as Error).message
  }
}

export const describe = (problems: Problem[]): string =>
  problems
    .slice(0, 10)
    .map(({ field, message }) => `${field} ${message}`.trim())
    .join('; ')
    .slice(0, 500)

export const lowest = (sessions: IngestionEvent['sessions']): number =>
  sessions.reduce((least, one) => one.session_index < least.session_index ? one : least).session_datetime

type Part = { list: 'sessions' | 'event_minutes_items', index: number }

/** The sessions and items that the problems lie in, or undefined where one lies elsewhere. */
function partsAtFault (problems: Problem[]): Part[] | undefined {
  const parts = new Map<string, Part>()
  for (const { field } of problems) {
    const [list = '', index] = field.split('/')
    if ((list !== 'sessions' && list !== 'event_minutes_items') || index === undefined) return undefined
    parts.set(`${list}/${index}`, { list, index: Number(index) })
  }
  return [...parts.values()].sort((one, other) =>
    one.list === other.list ? one.index - other.index : one.list < other.list ? 1 : -1
  )
}

const without = (given: Record<string, unknown[]>, parts: Part[]): Record<string, unknown> => ({
  ...given,
  ...Object.fromEntries(
    ['sessions', 'event_minutes_items'].map((list) => [
      list,
      given[list]?.filter((_, i) => !parts.some((part) => part.list === list && part.index === i))
    ])
  )
})

/**
 * Of all sessions that say when, also of those that are left out: the meeting must not get another
 * id when they are mended.
 */
function datetimeOf (given: unknown, zone: string): number | undefined {
  const { sessions } = given as { sessions?: unknown } ?? {}
  if (!Array.isArray(sessions)) return undefined
  const timed = sessions.flatMap((one: unknown) => {
    const { session_index: index, session_datetime: at } = (one ?? {}) as {
      session_index?: unknown
      session_datetime?: unknown
    }
    const seconds = typeof at === 'number' || typeof at === 'string' ? readMoment(at, zone) : undefined
    return Number.isInteger(index) && seconds !== undefined ? [{ index: index as number, seconds }] : []
  })
  return timed.length === 0 ? undefined : timed.reduce((least, one) => one.index < least.index ? one : least).seconds
}

function nameOf (given: unknown, place: number): string {
  const { body, external_source_id: id } = (given ?? {}) as {
    body?: { name?: unknown } | null
    external_source_id?: unknown
  }
  const parts = [
    typeof body?.name === 'string' ? body.name.slice(0, 100) : 'event',
    `number ${place} of the list`,
    ...(typeof id === 'string' || typeof id === 'number' ? [`id ${String(id).slice(0, 50)}`] : [])
  ]
  return parts.join(', ')
}
