import { markPending } from './index/spoken-files.ts'
import { createDocuments } from './model/documents.ts'
import type { TranscriptStoredData } from './model/events.ts'
import { keepAudio } from './session/audio.ts'
import { storeSession } from './session/documents.ts'
import { openKeptFiles } from './session/files.ts'
import { hostVideo } from './session/hosting.ts'
import { keepThumbnails } from './session/thumbnails.ts'
import { keepTranscript } from './session/transcript.ts'
import { prepareVideo } from './session/video.ts'
import { STEPS, type Step, type Work } from './session/work.ts'
import { withJobFolder } from '../../sdk/job-folder.ts'
import type { ProcessContext, ProcessFunction } from '../../sdk/process.ts'
import { checkParams } from '../../sdk/check-params.ts'
import { TranscribeParamsSchema, type TranscribeParams } from './transcribe_params.ts'

/**
 * Makes the transcript of one session: video, sound, captions or speech, thumbnails, documents.
 *
 * A second run finds what the first one has stored by the hash of the video's content, and stores the same
 * documents under the same ids. Temporary files are in a folder of the job, which is removed in every case.
 */
export const transcribe: ProcessFunction<TranscribeParams> = async (context) => {
  const { params, store, log, step, artefact } = context
  checkParams(TranscribeParamsSchema, params)
  return await withJobFolder(context.jobId, context.signal, async (folder, signal) => {
    const notes: string[] = []
    const work: Work = {
      ...context,
      folder,
      signal,
      pauses: pausesOf(params),
      report: reporter(context),
      note: (text) => {
        notes.push(text)
        log(text)
      }
    }
    const video = await step('copy and cut the video', async ({ count }) => {
      const prepared = await prepareVideo(work)
      count('bytes', prepared.bytes)
      return prepared
    })
    log(`${video.bytes} bytes, ${video.facts.seconds ?? '?'} s, SHA-256 ${video.contentHash}`)
    const files = { ...work, kept: await openKeptFiles(store, params.force, signal) }
    const audio = await step('split the sound', async () => await keepAudio(video, files))
    const made = await step('make the transcript', async ({ count }) => {
      const kept = await keepTranscript(video, audio, files)
      count('sentences', kept.transcript.sentences.length)
      if (kept.reused) count('taken from an earlier run')
      return kept
    })
    work.report('files stored', 0)
    const { transcript, source, reason, captions, reused } = made
    const thumbnails = await step('make the thumbnails', async () => await keepThumbnails(video, files))
    const { uri, hosted } = await step('host the video', async () => await hostVideo(video, files))
    const uris = {
      video: uri,
      audio: audio === undefined ? null : store.url(audio.name),
      transcript: store.url(made.name),
      staticThumbnail: thumbnails.static,
      hoverThumbnail: thumbnails.hover
    }
    const stored = async () =>
      await storeSession(store, createDocuments(store), {
        data: params,
        contentHash: video.contentHash,
        uris,
        transcript,
        source,
        signal
      })
    const tries = { attempts: 3, backoff: [work.pauses.store], signal }
    const { sessionId, transcriptId, problem } = await step('store the session', stored, tries)
    if (problem !== undefined) work.note(`the transcript was stored and is not in force: ${problem}`)
    await markPending(store, params.event_id, signal)
    work.report('files stored', 1)
    if (notes.length > 0) artefact({ name: 'notes', markdown: notes.map((note) => `- ${note}`).join('\n') })
    const { generator, confidence, sentences } = transcript
    const data: TranscriptStoredData = {
      event_id: params.event_id,
      session_id: sessionId,
      transcript_file: made.name,
      content_hash: video.contentHash,
      generator,
      confidence
    }
    return {
      output: {
        event_id: params.event_id,
        session_id: sessionId,
        transcript_id: transcriptId,
        transcript: {
          file: made.name,
          in_force: problem === undefined,
          source,
          reason,
          reused,
          generator,
          confidence,
          sentences: sentences.length,
          words: sentences.reduce((sum, { words }) => sum + words.length, 0)
        },
        captions: captions ?? null,
        video: {
          uri,
          hosted,
          content_hash: video.contentHash,
          bytes: video.bytes,
          seconds: video.facts.seconds ?? null
        },
        audio: uris.audio,
        thumbnails,
        notes
      },
      events: [{ type: 'transcript_stored', subject: params.event_id, data }]
    }
  })
}

function pausesOf ({
  pauses: { video = 120, caption = 5, speech = 10, store = 60 } = {}
}: TranscribeParams): Work['pauses'] {
  return { video: video * 1000, caption: caption * 1000, speech: speech * 1000, store: store * 1000 }
}

/** Percent of the whole; the steps before one that reports have been done or were not needed. */
function reporter ({ progress }: Pick<ProcessContext, 'progress'>): Work['report'] {
  const steps = Object.entries(STEPS) as Array<[Step, number]>
  return (step, share) => {
    const before = steps
      .slice(
        0,
        steps.findIndex(([name]) => name === step)
      )
      .reduce((sum, [, percent]) => sum + percent, 0)
    progress({
      complete: Math.floor(before + Math.min(1, Math.max(0, share)) * STEPS[step]),
      total: 100,
      message: step
    })
  }
}
