import type { Documents } from '../model/documents.ts'
import type { SessionGatheredData } from '../model/events.ts'
import type { Transcript } from '../model/transcript.ts'

/** Addresses of the files of a session; null where there is none. */
export type SessionUris = { video: string, audio: string | null, transcript: string, staticThumbnail: string | null, hoverThumbnail: string | null }

type Stored = { data: SessionGatheredData, contentHash: string, uris: SessionUris, transcript: Transcript, signal: AbortSignal }

/** The documents of a session: its files, itself, its transcript. The same again changes nothing. */
export async function storeSession (documents: Documents, { data, contentHash, uris, transcript, signal }: Stored): Promise<{ sessionId: string, transcriptId: string }> {
  const { session } = data
  const file = async (uri: string | null): Promise<string | null> => uri === null ? null : (await documents.upsert('file', { uri, name: decodeURIComponent(uri.split('/').at(-1)!.split('?')[0]!) }, signal)).id
  await file(uris.audio)
  const transcriptFile = await file(uris.transcript)
  const { id: sessionId } = await documents.upsert('session', {
    event_ref: data.event_id,
    video_uri: uris.video,
    session_datetime: session.session_datetime,
    session_index: session.session_index,
    session_content_hash: contentHash,
    caption_uri: session.caption_uri,
    static_thumbnail_ref: await file(uris.staticThumbnail),
    hover_thumbnail_ref: await file(uris.hoverThumbnail),
    external_source_id: session.external_source_id
  }, signal)
  const { id: transcriptId } = await documents.upsert('transcript', {
    session_ref: sessionId,
    file_ref: transcriptFile!,
    generator: transcript.generator,
    confidence: transcript.confidence,
    created: Date.parse(transcript.created_datetime) / 1000
  }, signal)
  return { sessionId, transcriptId }
}
