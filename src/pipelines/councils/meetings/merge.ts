import type { Skipped } from '../model/found.ts'
import type { IngestionEvent } from '../model/model.ts'
import type { Meeting } from './read-found.ts'

type Placed = { meeting: Meeting, place: number }

/**
 * Meetings that the list has twice are one: by the id of their source, else by body and time. What the second
 * record has and the first has not, sessions and items, is kept; a record that says the same is named.
 */
export function mergeMeetings (placed: Placed[], skipped: Skipped[]): Meeting[] {
  const merged = new Map<string, Meeting>()
  for (const { meeting, place } of placed) {
    const key = keyOf(meeting)
    const first = merged.get(key)
    const both =
      first === undefined
        ? meeting
        : { ...first, event: withRest(first.event, meeting.event), isPartial: first.isPartial || meeting.isPartial }
    if (first !== undefined && JSON.stringify(both.event) === JSON.stringify(first.event)) {
      skipped.push({
        event: `${meeting.event.body.name}, number ${place} of the list`,
        reason: 'the list has this meeting (body and time) already'
      })
    }
    merged.set(key, both)
  }
  return [...merged.values()]
}

const keyOf = ({ event, datetime }: Meeting): string =>
  JSON.stringify(event.external_source_id ?? [event.body.name, datetime])

function withRest (first: IngestionEvent, second: IngestionEvent): IngestionEvent {
  const videos = new Set(first.sessions.map(({ video_uri: uri }) => uri))
  const items = new Set(first.event_minutes_items.map((item) => JSON.stringify(item)))
  const next = Math.max(...first.sessions.map(({ session_index: index }) => index)) + 1
  const sessions = second.sessions
    .filter(({ video_uri: uri }) => !videos.has(uri))
    .map((session, i) => ({ ...session, session_index: next + i }))
  return {
    ...first,
    sessions: [...first.sessions, ...sessions],
    event_minutes_items: [
      ...first.event_minutes_items,
      ...second.event_minutes_items.filter((item) => !items.has(JSON.stringify(item)))
    ]
  }
}
