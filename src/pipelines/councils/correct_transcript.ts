import { createHash } from 'node:crypto'
import { captionSentences } from './captions/caption-sentences.ts'
import { readCaptions } from './captions/read.ts'
import { markPending } from './index/spoken-files.ts'
import { gatheredFile } from './meetings/gathered.ts'
import { createDocuments, writeJson } from './model/documents.ts'
import type { TranscriptCorrectedData, TranscriptStoredData } from './model/events.ts'
import { toTranscript } from './model/tokens.ts'
import type { Transcript } from './model/transcript.ts'
import { storeFile, storeTranscript } from './session/documents.ts'
import { sessionFiles } from './session/files.ts'
import { knownOf } from './session/known.ts'
import { withSections } from './session/sections.ts'
import { errors } from '../../base/errors.ts'
import type { ProcessFunction } from '../../sdk/process.ts'

/**
 * Puts what people have corrected in force for a session. The transcript before it stays to be read by its
 * id, and nothing that a program makes of the same video takes its place. A second run stores the same again.
 */
export const correctTranscript: ProcessFunction<TranscriptCorrectedData> = async ({
  params, store, event, signal, log
}) => {
  const { session_id: sessionId } = params
  const documents = createDocuments(store)
  const session = await documents.get('session', sessionId)
  if (session === undefined) throw errors.final(`data/session_id: there is no session ${sessionId}`)
  const created = new Date(event.time ?? Date.now())
  const { persons, items } = await knownOf(store, gatheredFile(session.event_ref))
  const corrected = readCorrection(params, persons, { created, begun: session.session_datetime })
  const transcript = withSections(corrected, items)
  const hash = session.session_content_hash ?? createHash('sha256').update(sessionId).digest('hex')
  const name = sessionFiles(hash).transcript('correction', JSON.stringify(transcript.sentences))
  await writeJson(store, name, transcript, signal)
  const transcriptFile = (await storeFile(documents, store.url(name), signal)) ?? ''
  const { id: transcriptId } = await storeTranscript(documents, {
    sessionId,
    transcriptFile,
    transcript,
    source: 'correction',
    signal
  })
  const { id: _id, ...fields } = session
  await documents.put('session', sessionId, { ...fields, transcript_ref: transcriptId }, signal)
  await markPending(store, session.event_ref, signal)
  log(`${transcript.sentences.length} sentences are in force for session ${sessionId}`)
  const { generator, confidence } = transcript
  const data: TranscriptStoredData = {
    event_id: session.event_ref,
    session_id: sessionId,
    transcript_file: name,
    content_hash: hash,
    generator,
    confidence
  }
  return {
    output: {
      event_id: session.event_ref,
      session_id: sessionId,
      transcript_id: transcriptId,
      replaced: session.transcript_ref ?? null,
      file: name,
      sentences: transcript.sentences.length
    },
    events: [{ type: 'transcript_stored', subject: session.event_ref, data }]
  }
}

function readCorrection (
  { transcript, captions }: TranscriptCorrectedData,
  persons: string[],
  { created, begun }: { created: Date, begun: number | undefined }
): Transcript {
  const facts = {
    generator: 'Signalbox correction 1.0.0',
    sessionDatetime: begun === undefined ? null : new Date(begun * 1000).toISOString(),
    now: created
  }
  if (transcript !== undefined) {
    if (transcript.sentences.length === 0) {
      throw errors.final('data/transcript/sentences is empty: an empty transcript is none')
    }
    return { ...transcript, generator: facts.generator, created_datetime: created.toISOString() }
  }
  if (captions === undefined) throw errors.final('data must have transcript or captions')
  const read = readCaptions(new TextEncoder().encode(captions))
  if ('problem' in read) throw errors.final(`data/captions: ${read.problem}`)
  const sentences = captionSentences(read.cues, persons)
  if (sentences.length === 0) throw errors.final(`data/captions: its ${read.cues.length} cues have no words`)
  return toTranscript(sentences, facts)
}
