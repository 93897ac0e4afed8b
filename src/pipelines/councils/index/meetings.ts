import { createHash } from 'node:crypto'
import type { Store } from '../../../sdk/store/open.ts'
import type { StoredDocument } from '../model/collections.ts'
import { createDocuments, readJson, type Documents } from '../model/documents.ts'
import type { Transcript } from '../model/transcript.ts'
import { sessionsOf } from '../session/in-force.ts'
import { FORMAT, type Skipped } from './manifest.ts'

/** A meeting to be indexed. Its segment is named after all that goes into it. */
export type Meeting = {
  event_id: string
  event_datetime: number
  body: string
  transcripts: string[]
  segment: string
  /** In the order of the transcripts. */
  sessions: MeetingSession[]
}
export type MeetingSession = {
  session_id: string
  session_index: number
  video_uri: string
  transcript_id: string
  file: string
}

type TranscriptDocument = StoredDocument<'transcript'>
type InForce = { session: StoredDocument<'session'>, transcript: TranscriptDocument }

/** The meetings that have transcripts, in the order of their ids, and those that cannot be indexed, with the reason. */
export async function findMeetings (store: Store): Promise<{ meetings: Meeting[], skipped: Skipped[] }> {
  const documents = createDocuments(store)
  const { byEvent, skipped } = await findInForce(documents)
  const meetings: Meeting[] = []
  for (const [eventId, sessions] of [...byEvent].sort(([a], [b]) => a < b ? -1 : 1)) {
    const found = await toMeeting(store, documents, eventId, sessions)
    if ('reason' in found) skipped.push(found)
    else meetings.push(found)
  }
  return { meetings, skipped }
}

/**
 * One transcript for each session, by meeting; of two documents of one session, as older versions
 * left them, the newer counts.
 */
async function findInForce (documents: Documents): Promise<{ byEvent: Map<string, InForce[]>, skipped: Skipped[] }> {
  const bySession = new Map<string, TranscriptDocument[]>()
  for await (const transcript of documents.all('transcript')) {
    bySession.set(transcript.session_ref, [...(bySession.get(transcript.session_ref) ?? []), transcript])
  }
  const skipped: Skipped[] = []
  const byEvent = new Map<string, InForce[]>()
  for (const [sessionId, transcripts] of bySession) {
    const session = await documents.get('session', sessionId)
    if (session === undefined) {
      for (const { id } of transcripts) {
        skipped.push({ event_id: '', reason: `transcript ${id}: there is no session ${sessionId}` })
      }
      continue
    }
    const next = { session, transcript: transcriptInForce(session, transcripts) }
    const others = byEvent.get(session.event_ref) ?? []
    const same = others.find((one) => indexOf(one) === indexOf(next))
    if (same === undefined) byEvent.set(session.event_ref, [...others, next])
    else if ((next.transcript.created ?? 0) > (same.transcript.created ?? 0)) Object.assign(same, next)
  }
  return { byEvent, skipped }
}

const indexOf = ({ session }: InForce): number => session.session_index ?? 0

/** The one that the session names; without it the surest, and of equal ones the newest. */
export function transcriptInForce (
  session: StoredDocument<'session'>,
  transcripts: TranscriptDocument[]
): TranscriptDocument {
  const named = transcripts.find(({ id }) => id === session.transcript_ref)
  return (
    named ??
    transcripts.reduce((best, one) => {
      const surer = (one.confidence ?? 0) - (best.confidence ?? 0)
      return surer > 0 || (surer === 0 && (one.created ?? 0) > (best.created ?? 0)) ? one : best
    })
  )
}

async function toMeeting (
  store: Store,
  documents: Documents,
  eventId: string,
  sessions: InForce[]
): Promise<Meeting | Skipped> {
  const event = await documents.get('event', eventId)
  if (event === undefined) return { event_id: eventId, reason: 'there is no such event' }
  if (!Number.isFinite(event.event_datetime)) return { event_id: eventId, reason: 'its date is no date' }
  const own: MeetingSession[] = []
  const parts: unknown[] = [FORMAT]
  for (const { session, transcript } of sessions.sort((a, b) => indexOf(a) - indexOf(b))) {
    const file = await documents.get('file', transcript.file_ref)
    if (file === undefined) return { event_id: eventId, reason: 'the document of a transcript file is missing' }
    own.push({
      session_id: session.id,
      session_index: session.session_index ?? 0,
      video_uri: session.video_uri,
      transcript_id: transcript.id,
      file: transcriptName(store, file.uri)
    })
    parts.push([transcript.id, file.uri, transcript.created ?? null])
  }
  return {
    event_id: eventId,
    event_datetime: event.event_datetime,
    body: (await documents.get('body', event.body_ref))?.name ?? '',
    transcripts: own.map(({ file }) => file),
    segment: `index/segments/${eventId}-${digest(parts)}.segment`,
    sessions: own
  }
}

/** One meeting by its id, without a look at any other; undefined where nothing of it is transcribed, or can be read. */
export async function findMeeting (store: Store, eventId: string): Promise<Meeting | undefined> {
  const documents = createDocuments(store)
  const sessions: InForce[] = []
  for (const sessionId of await sessionsOf(store, eventId)) {
    const session = await documents.get('session', sessionId)
    const transcript =
      session?.transcript_ref === undefined ? undefined : await documents.get('transcript', session.transcript_ref)
    if (session !== undefined && transcript !== undefined) sessions.push({ session, transcript })
  }
  const found = sessions.length === 0 ? undefined : await toMeeting(store, documents, eventId, sessions)
  return found === undefined || 'reason' in found ? undefined : found
}

/** A file document tells where the file lies as its address; the store wants the name. */
export function transcriptName (store: Store, uri: string): string {
  const base = store.url('x').slice(0, -1)
  return uri.startsWith(base) ? decodeURIComponent(uri.slice(base.length)) : uri
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

/** @throws naming the file that is missing or is no transcript */
export async function readSentences (store: Store, files: string[]): Promise<string[]> {
  const sentences: string[] = []
  for (const file of files) {
    const transcript = (await readJson(store, file).catch((cause: unknown) => {
      throw new Error(`${file} cannot be read: ${(cause as Error).message}`)
    })) as Partial<Transcript> | undefined
    if (transcript === undefined) throw new Error(`${file} is not there`)
    if (!Array.isArray(transcript.sentences) || !transcript.sentences.every(({ text }) => typeof text === 'string')) {
      throw new Error(`${file} is no transcript`)
    }
    for (const { text } of transcript.sentences) sentences.push(text)
  }
  return sentences
}
