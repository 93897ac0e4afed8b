import { isDeepStrictEqual } from 'node:util'
import { Value } from 'typebox/value'
import { errors } from '../../../base/errors.ts'
import type { CaptionFacts } from '../captions/judge.ts'
import { gatheredFile } from '../meetings/gathered.ts'
import { readJson, writeJson } from '../model/documents.ts'
import { transcribeSpeech } from '../speech/engine.ts'
import { openEngine } from '../speech/settings.ts'
import { toTranscript } from '../model/tokens.ts'
import { TranscriptSchema, type Transcript } from '../model/transcript.ts'
import type { EventMinutesItem } from '../model/model.ts'
import type { Audio } from './audio.ts'
import { sessionFiles } from './files.ts'
import { knownOf } from './known.ts'
import { lookAtCaptions, NO_CAPTIONS } from './look-at-captions.ts'
import { withSections } from './sections.ts'
import type { Video } from './video.ts'
import type { WorkWithFiles } from './work.ts'

export type MadeTranscript = {
  transcript: Transcript
  /** Its name in the store. */
  name: string
  source: 'captions' | 'speech'
  /** Why it was made of this and not of the other. */
  reason: string
  captions: CaptionFacts | undefined
  /** It was there from an earlier run. */
  reused: boolean
}

/** The transcript of a session, stored: of its captions where they can be it, else of what is heard. */
export async function keepTranscript (
  video: Video,
  audio: Audio | undefined,
  work: WorkWithFiles
): Promise<MadeTranscript> {
  const { params, signal, log, block, folder, pauses, report } = work
  const { session } = params
  const sessionDatetime = new Date(session.session_datetime * 1000).toISOString()
  const seconds = audio?.seconds ?? video.facts.seconds ?? 0
  const { persons, vocabulary, items } = await knownOf(work.store, gatheredFile(params.event_id))
  const captions = await lookAtCaptions({ video, seconds, persons, work })
  if ('sentences' in captions) {
    const { sentences, format, facts, key } = captions
    const reason = `${format} captions: ${facts.cues} cues, ${facts.words} words, ${facts.covered_seconds} s of ${facts.video_seconds} s covered`
    log(reason)
    const made = await keep({ video, source: 'captions', key, sessionDatetime, items, work }, async () =>
      toTranscript(sentences, {
        generator: `Signalbox captions 1.0.0 -- ${format}`,
        sessionDatetime,
        now: new Date()
      })
    )
    return { ...made, source: 'captions', reason, captions: facts }
  }
  const reason = captions.problem
  log(`${reason}: speech to text`)
  if (audio === undefined) throw errors.final(`${reason}, and the video has no sound to listen to`)
  const engine = await openEngine(params.speech, block, pauses.speech)
  const heard = { video, source: 'speech', key: engine.key, sessionDatetime, items, work } as const
  const made = await keep(heard, async () => {
    const wav = await audio.open()
    const progress = (done: number): void => {
      report('words heard', done / wav.seconds)
    }
    return await transcribeSpeech(
      engine,
      wav,
      { sessionDatetime },
      { folder, signal, log, progress, vocabulary }
    ).catch((error: unknown) => {
      throw withBothReasons(error, reason === NO_CAPTIONS ? undefined : reason)
    })
  })
  return { ...made, source: 'speech', reason, captions: captions.facts }
}

/** Whoever reads why nothing was heard wants to know why anybody listened. */
function withBothReasons (error: unknown, reason: string | undefined): unknown {
  const isFinal = (error as { code?: unknown } | undefined)?.code === 'FINAL'
  return isFinal && reason !== undefined
    ? errors.final(`${(error as Error).message}; ${reason}`, { cause: error })
    : error
}

type Keep = {
  video: Video
  source: MadeTranscript['source']
  key: string
  sessionDatetime: string
  items: EventMinutesItem[]
  work: WorkWithFiles
}

/** What an earlier run has made of the same; else what `make` makes now, stored. */
async function keep (
  { video, source, key, sessionDatetime, items, work: { store, kept, signal, log } }: Keep,
  make: () => Promise<Transcript>
): Promise<Pick<MadeTranscript, 'transcript' | 'name' | 'reused'>> {
  const name = sessionFiles(video.contentHash).transcript(source, key)
  const found = kept.has(name) ? await readJson(store, name) : undefined
  if (Value.Check(TranscriptSchema, found)) {
    log(`${name} is there from an earlier run`)
    const transcript = withSections({ ...found, session_datetime: sessionDatetime }, items)
    if (!isDeepStrictEqual(transcript, found)) await writeJson(store, name, transcript, signal)
    return { transcript, name, reused: true }
  }
  const transcript = withSections(await make(), items)
  await writeJson(store, name, transcript, signal)
  return { transcript, name, reused: false }
}
