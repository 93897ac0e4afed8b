import { createHash } from 'node:crypto'
import type { Store } from '../../../sdk/store/open.ts'
import type { StoredDocument } from '../model/collections.ts'
import { createDocuments, readJson } from '../model/documents.ts'
import type { Transcript } from '../model/transcript.ts'
import { FORMAT, type Skipped } from './manifest.ts'

/** A meeting to be indexed. Its segment is named after all that goes into it. */
export type Meeting = { event_id: string, event_datetime: number, body: string, transcripts: string[], segment: string }

type TranscriptDocument = StoredDocument<'transcript'>

/** The meetings that have transcripts, in the order of their ids, and those that cannot be indexed, with the reason. */
export async function findMeetings (store: Store): Promise<{ meetings: Meeting[], skipped: Skipped[] }> {
  const documents = createDocuments(store)
  const skipped: Skipped[] = []
  const best = new Map<string, TranscriptDocument>()
  for await (const transcript of documents.all('transcript')) {
    const other = best.get(transcript.session_ref)
    // A forced run may have stored one more of the same session: the surest counts, then the first.
    if (other === undefined || (transcript.confidence ?? 0) > (other.confidence ?? 0)) best.set(transcript.session_ref, transcript)
  }
  const byEvent = new Map<string, Array<{ index: number, transcript: TranscriptDocument }>>()
  for (const [sessionId, transcript] of best) {
    const session = await documents.get('session', sessionId)
    if (session === undefined) skipped.push({ event_id: '', reason: `transcript ${transcript.id}: there is no session ${sessionId}` })
    else byEvent.set(session.event_ref, [...byEvent.get(session.event_ref) ?? [], { index: session.session_index ?? 0, transcript }])
  }
  const meetings: Meeting[] = []
  for (const [eventId, sessions] of [...byEvent].sort(([a], [b]) => a < b ? -1 : 1)) {
    const event = await documents.get('event', eventId)
    const problem = event === undefined ? 'there is no such event' : !Number.isFinite(event.event_datetime) ? 'its date is no date' : undefined
    if (event === undefined || problem !== undefined) {
      skipped.push({ event_id: eventId, reason: problem ?? '' })
      continue
    }
    const files: string[] = []
    const parts: unknown[] = [FORMAT]
    for (const { transcript } of sessions.sort((a, b) => a.index - b.index)) {
      const file = await documents.get('file', transcript.file_ref)
      if (file === undefined) continue
      files.push(transcriptName(store, file.uri))
      parts.push([transcript.id, file.uri, transcript.created ?? null])
    }
    if (files.length < sessions.length) skipped.push({ event_id: eventId, reason: 'the document of a transcript file is missing' })
    else meetings.push({ event_id: eventId, event_datetime: event.event_datetime, body: (await documents.get('body', event.body_ref))?.name ?? '', transcripts: files, segment: `index/segments/${eventId}-${digest(parts)}.segment` })
  }
  return { meetings, skipped }
}

/** A file document tells where the file lies as its address; the store wants the name. */
function transcriptName (store: Store, uri: string): string {
  const base = store.url('x').slice(0, -1)
  return uri.startsWith(base) ? decodeURIComponent(uri.slice(base.length)) : uri
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

/** @throws naming the file that is missing or is no transcript */
export async function readSentences (store: Store, files: string[]): Promise<string[]> {
  const sentences: string[] = []
  for (const file of files) {
    const transcript = await readJson(store, file).catch((cause: unknown) => { throw new Error(`${file} cannot be read: ${(cause as Error).message}`) }) as Partial<Transcript> | undefined
    if (transcript === undefined) throw new Error(`${file} is not there`)
    if (!Array.isArray(transcript.sentences) || !transcript.sentences.every(({ text }) => typeof text === 'string')) throw new Error(`${file} is no transcript`)
    for (const { text } of transcript.sentences) sentences.push(text)
  }
  return sentences
}
