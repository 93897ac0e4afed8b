import { digest, type FollowOn } from '../../../base/event.ts'
import type { Store } from '../../../sdk/store/open.ts'
import { idOf, readJson, writeJson } from '../model/documents.ts'
import type { EventGatheredData, SessionGatheredData } from '../model/events.ts'
import type { IngestionEvent, Session } from '../model/model.ts'
import { identityFile, resolveIdentity, type Identity } from './identity.ts'
import type { Meeting } from './read-found.ts'

/** A meeting as the last gather left it, `gathered/<event id>.json`. By its digests a repeat sees what is new. */
export type GatheredEvent = {
  event_id: string
  event_datetime: number
  event: IngestionEvent
  event_digest: string
  session_digests: string[]
  /** Where its source has an id for it. */
  identity?: Identity | undefined
  /** A part of it was not to be had: what an earlier gather has stored of it stays. */
  is_partial?: boolean
}

export const gatheredFile = (eventId: string): string => `gathered/${eventId}.json`
export const readGathered = async (store: Store, file: string): Promise<GatheredEvent | undefined> =>
  (await readJson(store, file)) as GatheredEvent | undefined

type Compared = { kept: GatheredEvent, events: FollowOn[], sessions: number }

/**
 * What is to be kept of a meeting, and the events for what of it is new or has changed; all of it
 * where `force` says so.
 */
export async function compare (
  { event, datetime, isPartial }: Meeting,
  { store, source, force }: { store: Store, source: string, force: boolean },
  sameRun: ReadonlyMap<string, GatheredEvent>
): Promise<Compared> {
  const told = { source, externalId: event.external_source_id, body: event.body.name, datetime }
  const { eventId, identity } = await resolveIdentity(
    store,
    told,
    async (id) => sameRun.get(id) ?? (await readGathered(store, gatheredFile(id)))
  )
  const sessions = [...new Map(event.sessions.map((session) => [digestOf(session), session]))]
  const kept: GatheredEvent = {
    event_id: eventId,
    event_datetime: datetime,
    event,
    event_digest: digest([event]),
    session_digests: sessions.map(([sum]) => sum),
    identity,
    is_partial: isPartial
  }
  const before = await readGathered(store, gatheredFile(eventId))
  const known = new Set(force ? [] : before?.session_digests)
  const isNew = force || before?.event_digest !== kept.event_digest || before?.event_datetime !== datetime
  const fresh = sessions.filter(([sum]) => !known.has(sum))
  const gathered: EventGatheredData = {
    event_id: eventId,
    body_name: event.body.name,
    event_datetime: datetime,
    event_file: gatheredFile(eventId)
  }
  const events = fresh.map(([sum, session]): FollowOn => ({
    type: 'session_gathered',
    subject: eventId,
    data: sessionData(kept, session, sum, force)
  }))
  return {
    kept,
    events: [...(isNew ? [{ type: 'event_gathered', subject: eventId, data: gathered }] : []), ...events],
    sessions: fresh.length
  }
}

function sessionData (
  { event_id: eventId, event_datetime: datetime, event }: GatheredEvent,
  session: Session,
  sum: string,
  force: boolean
): SessionGatheredData {
  return {
    event_id: eventId,
    body_id: idOf('body', { name: event.body.name }),
    body_name: event.body.name,
    event_datetime: datetime,
    session_index: session.session_index,
    session,
    session_digest: sum,
    static_thumbnail_uri: event.static_thumbnail_uri,
    hover_thumbnail_uri: event.hover_thumbnail_uri,
    force
  }
}

const digestOf = (session: Session): string => digest([session])

/** What a job came to, kept before it ends: should it run again, the same events stand at the same places. */
export type GatherResult = { output: unknown, events: FollowOn[], kept: GatheredEvent[] }

const resultFile = (jobId: string): string => `gathered/jobs/${jobId}.json`
export const readResult = async (store: Store, jobId: string): Promise<GatherResult | undefined> =>
  (await readJson(store, resultFile(jobId))) as GatherResult | undefined
export const writeResult = async (
  store: Store,
  jobId: string,
  result: GatherResult,
  signal: AbortSignal
): Promise<void> => {
  await writeJson(store, resultFile(jobId), result, signal)
}
export async function keep (store: Store, kept: GatheredEvent[], signal: AbortSignal): Promise<void> {
  for (const one of kept) {
    await writeJson(store, gatheredFile(one.event_id), one, signal)
    if (one.identity !== undefined) await writeJson(store, identityFile(one.identity), one.identity, signal)
  }
}
