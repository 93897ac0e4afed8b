import { digest, type FollowOn } from '../../../base/event.ts'
import type { Store } from '../../../sdk/store/open.ts'
import { idOf, readJson, writeJson } from '../model/documents.ts'
import type { EventGatheredData, SessionGatheredData } from '../model/events.ts'
import type { IngestionEvent, Session } from '../model/model.ts'
import type { Meeting } from './read-found.ts'

/** A meeting as the last gather left it, `gathered/<event id>.json`. By its digests a repeat sees what is new. */
export type GatheredEvent = { event_id: string, event_datetime: number, event: IngestionEvent, event_digest: string, session_digests: string[] }

export const gatheredFile = (eventId: string): string => `gathered/${eventId}.json`
export const readGathered = async (store: Store, file: string): Promise<GatheredEvent | undefined> => await readJson(store, file) as GatheredEvent | undefined

/** What is to be kept of a meeting, and the events for what of it is new or has changed; all of it where `force` says so. */
export async function compare ({ event, datetime }: Meeting, store: Store, force: boolean): Promise<{ kept: GatheredEvent, events: FollowOn[], sessions: number }> {
  const bodyId = idOf('body', { name: event.body.name })
  const eventId = idOf('event', { body_ref: bodyId, event_datetime: datetime })
  const sessions = [...new Map(event.sessions.map((session) => [digestOf(session), session]))]
  const kept: GatheredEvent = { event_id: eventId, event_datetime: datetime, event, event_digest: digest([event]), session_digests: sessions.map(([sum]) => sum) }
  const before = await readGathered(store, gatheredFile(eventId))
  const known = new Set(force ? [] : before?.session_digests)
  const isNew = force || before?.event_digest !== kept.event_digest
  const fresh = sessions.filter(([sum]) => !known.has(sum))
  const gathered: EventGatheredData = { event_id: eventId, body_name: event.body.name, event_datetime: datetime, event_file: gatheredFile(eventId) }
  const toSession = ([sum, session]: [string, Session]): FollowOn => {
    const data: SessionGatheredData = {
      event_id: eventId,
      body_id: bodyId,
      body_name: event.body.name,
      event_datetime: datetime,
      session_index: session.session_index,
      session,
      session_digest: sum,
      static_thumbnail_uri: event.static_thumbnail_uri,
      hover_thumbnail_uri: event.hover_thumbnail_uri,
      force
    }
    return { type: 'session_gathered', subject: eventId, data }
  }
  return { kept, events: [...isNew ? [{ type: 'event_gathered', subject: eventId, data: gathered }] : [], ...fresh.map(toSession)], sessions: fresh.length }
}

const digestOf = (session: Session): string => digest([session])

/** What a job came to, kept before it ends: should it run again, the same events stand at the same places. */
export type GatherResult = { output: unknown, events: FollowOn[], kept: GatheredEvent[] }

const resultFile = (jobId: string): string => `gathered/jobs/${jobId}.json`
export const readResult = async (store: Store, jobId: string): Promise<GatherResult | undefined> => await readJson(store, resultFile(jobId)) as GatherResult | undefined
export const writeResult = async (store: Store, jobId: string, result: GatherResult, signal: AbortSignal): Promise<void> => { await writeJson(store, resultFile(jobId), result, signal) }
export async function keep (store: Store, kept: GatheredEvent[], signal: AbortSignal): Promise<void> {
  for (const one of kept) await writeJson(store, gatheredFile(one.event_id), one, signal)
}
