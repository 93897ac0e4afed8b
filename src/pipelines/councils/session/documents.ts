import type { Documents } from '../model/documents.ts'
import type { SessionGatheredData } from '../model/events.ts'
import type { Transcript } from '../model/transcript.ts'
import type { Store } from '../../../sdk/store/open.ts'
import { inForce, isOutdated, keepSessionId, sessionIdOf, supersedes, type TranscriptSource } from './in-force.ts'

/** Addresses of the files of a session; null where there is none. */
export type SessionUris = {
  video: string
  audio: string | null
  transcript: string
  staticThumbnail: string | null
  hoverThumbnail: string | null
}

type Stored = {
  data: SessionGatheredData
  contentHash: string
  uris: SessionUris
  transcript: Transcript
  source: TranscriptSource
  signal: AbortSignal
}

/** `problem` says why the transcript is not the one in force, where it is not. */
export type StoredSession = { sessionId: string, transcriptId: string, problem: string | undefined }

/**
 * The documents of a session: its files, itself, its transcript. The same again changes nothing. A session that has got
 * another video keeps its document; of its transcripts one is in force, and the others stay to be read by their ids.
 */
export async function storeSession (
  store: Store,
  documents: Documents,
  { data, contentHash, uris, transcript, source, signal }: Stored
): Promise<StoredSession> {
  const { session, event_id: eventId } = data
  await storeFile(documents, uris.audio, signal)
  const transcriptFile = (await storeFile(documents, uris.transcript, signal)) ?? ''
  const place = { eventId, index: session.session_index, videoUri: uris.video }
  const sessionId = await sessionIdOf(store, documents, place)
  const before = await documents.get('session', sessionId)
  const current = await inForce(documents, before)
  const { id: transcriptId } = await storeTranscript(documents, {
    sessionId, transcriptFile, transcript, source, signal
  })
  if (await isOutdated(store, data)) {
    return { sessionId, transcriptId, problem: 'the meeting has got another session at this place meanwhile' }
  }
  const isSameVideo = before?.session_content_hash === contentHash
  const takesPlace =
    data.force ||
    current === undefined ||
    !isSameVideo ||
    supersedes({ source, confidence: transcript.confidence }, current)
  await keepSessionId(store, place, sessionId, signal)
  await documents.put(
    'session',
    sessionId,
    {
      event_ref: eventId,
      video_uri: uris.video,
      session_datetime: session.session_datetime,
      session_index: session.session_index,
      session_content_hash: contentHash,
      caption_uri: session.caption_uri,
      static_thumbnail_ref: await storeFile(documents, uris.staticThumbnail, signal),
      hover_thumbnail_ref: await storeFile(documents, uris.hoverThumbnail, signal),
      external_source_id: session.external_source_id,
      transcript_ref: takesPlace ? transcriptId : null
    },
    signal
  )
  return {
    sessionId,
    transcriptId,
    problem: takesPlace
      ? undefined
      : `the transcript in force is of a better source (${current?.source ?? current?.generator ?? 'unknown'})`
  }
}

type NewTranscript = {
  sessionId: string
  transcriptFile: string
  transcript: Transcript
  source: TranscriptSource
  signal: AbortSignal
}

export async function storeTranscript (
  documents: Documents,
  { sessionId, transcriptFile, transcript, source, signal }: NewTranscript
): Promise<{ id: string }> {
  return await documents.upsert(
    'transcript',
    {
      session_ref: sessionId,
      file_ref: transcriptFile,
      generator: transcript.generator,
      confidence: transcript.confidence,
      created: Date.parse(transcript.created_datetime) / 1000,
      source
    },
    signal
  )
}

/** The id of the document of a file, or null where there is no file. */
export async function storeFile (
  documents: Documents,
  uri: string | null,
  signal: AbortSignal
): Promise<string | null> {
  if (uri === null) return null
  const name = decodeURIComponent((uri.split('/').at(-1) ?? '').split('?')[0] ?? '')
  return (await documents.upsert('file', { uri, name }, signal)).id
}
