import { readJson, writeJson, type Documents } from '../model/documents.ts'
import { documentId } from '../model/document-id.ts'
import { idOf } from '../model/documents.ts'
import type { StoredDocument } from '../model/collections.ts'
import { digest } from '../../../base/event.ts'
import type { Store } from '../../../sdk/store/open.ts'
import { gatheredFile, readGathered } from '../meetings/gathered.ts'
import type { SessionGatheredData } from '../model/events.ts'

/** Where the words of a transcript come from. */
export type TranscriptSource = 'captions' | 'speech' | 'correction'

/** What people have corrected stands above captions, and those above what a program has heard. */
const RANKS: Record<TranscriptSource, number> = { speech: 1, captions: 2, correction: 3 }

type Candidate = { source?: string | undefined, confidence?: number | undefined }

/**
 * Whether a new transcript of the same video takes the place of the one in force: the newer one
 * does, unless it is of a worse source, or was heard with less confidence.
 */
export function supersedes (next: Candidate, current: Candidate): boolean {
  const [rank, other] = [rankOf(next), rankOf(current)]
  if (rank !== other) return rank > other
  return rank !== RANKS.speech || (next.confidence ?? 0) >= (current.confidence ?? 0)
}

const rankOf = ({ source, confidence = 0 }: Candidate): number =>
  RANKS[source as TranscriptSource] ?? (confidence > 0.9 ? RANKS.captions : RANKS.speech)

/** A session is its meeting and its index: the document that it has had since it was first stored stays its own. */
const sessionFile = (eventId: string, index: number): string => `documents/session_place/${eventId}-${index}.json`

type Place = { eventId: string, index: number, videoUri: string }

export async function sessionIdOf (
  store: Store,
  documents: Documents,
  { eventId, index, videoUri }: Place
): Promise<string> {
  const known = (await readJson(store, sessionFile(eventId, index))) as { session_id: string } | undefined
  if (known !== undefined) return known.session_id
  const original = idOf('session', { event_ref: eventId, video_uri: videoUri })
  const other = await documents.get('session', original)
  return other === undefined || (other.session_index ?? index) === index
    ? original
    : documentId([eventId, videoUri, index])
}

export async function keepSessionId (
  store: Store,
  { eventId, index }: Place,
  sessionId: string,
  signal: AbortSignal
): Promise<void> {
  await writeJson(store, sessionFile(eventId, index), { session_id: sessionId }, signal)
}

/** The ids of the sessions of a meeting. */
export async function sessionsOf (store: Store, eventId: string): Promise<string[]> {
  const files = (await store.list('documents/session_place')).filter((name) =>
    name.startsWith(`documents/session_place/${eventId}-`)
  )
  const places = await Promise.all(
    files.map(async (name) => (await readJson(store, name)) as { session_id: string } | undefined)
  )
  return places.flatMap((place) => place?.session_id ?? [])
}

/**
 * Whether the meeting has got another session at this place since this one was gathered: then this one comes too late.
 */
export async function isOutdated (
  store: Store,
  { event_id: eventId, session, session_digest: known }: SessionGatheredData
): Promise<boolean> {
  if (known !== digest([session])) return false
  const now = (await readGathered(store, gatheredFile(eventId)))?.event.sessions.find(
    (one) => one.session_index === session.session_index
  )
  return now !== undefined && digest([now]) !== known
}

/** The transcript that is in force for a session, as the session itself says. */
export async function inForce (
  documents: Documents,
  session: StoredDocument<'session'> | undefined
): Promise<StoredDocument<'transcript'> | undefined> {
  const ref = session?.transcript_ref
  return ref === undefined ? undefined : await documents.get('transcript', ref)
}
