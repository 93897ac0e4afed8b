import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { chooseCaptions, type CaptionChoice, type Shown } from '../captions/choose.ts'
import type { CaptionFacts } from '../captions/judge.ts'
import type { KnownPersons } from '../captions/speakers.ts'
import { readClosedCaptions, type EmbeddedCaptions } from '../media/embedded-captions.ts'
import { fetchCaptions } from './captions.ts'
import { FFMPEG_MS, type Video } from './video.ts'
import type { WorkWithFiles } from './work.ts'

/** `key` changes with all that the sentences are made of. A problem is a sentence for people. */
export type LookedAt =
  | (Extract<CaptionChoice, { sentences: unknown }> & { key: string })
  | { problem: string, facts: CaptionFacts | undefined }

type Look = { video: Video, seconds: number, persons: KnownPersons, work: WorkWithFiles }

export const NO_CAPTIONS = 'the session has no captions'
const NOTHING_CUT: Shown['trim'] = { start: null, end: null }

/** The captions of a session: its caption file, else a track inside its video, else the closed captions there. */
export async function lookAtCaptions (look: Look): Promise<LookedAt> {
  const own = await lookAtFile(look)
  if ('sentences' in own) return own
  const refused: string[] = []
  for await (const { captions, trim } of inside(look)) {
    const choice = choose(await readFile(captions.path), trim, look)
    if ('sentences' in choice) {
      if (own.problem !== NO_CAPTIONS) look.work.note(own.problem)
      return named(choice, captions)
    }
    // Pictures may carry closed captions in which nothing is said.
    if (choice.facts?.cues !== 0) refused.push(`${captions.name} inside the video: ${choice.problem}`)
  }
  return refused.length === 0 ? own : { problem: `${own.problem}; ${refused.join('; ')}`, facts: own.facts }
}

async function lookAtFile (look: Look): Promise<LookedAt> {
  const { video, work: { params, inputs, signal, log, pauses } } = look
  const { session: { caption_uri: uri } } = params
  if (uri === null) return { problem: NO_CAPTIONS, facts: undefined }
  const fetched = await fetchCaptions({ uri, inputs, delayMs: pauses.caption, signal, log })
  if ('problem' in fetched) return { problem: `the captions were not to be had: ${fetched.problem}`, facts: undefined }
  const choice = choose(fetched.bytes, video.trim, look)
  return 'sentences' in choice ? choice : { ...choice, problem: `the caption file was refused: ${choice.problem}` }
}

/** Tracks tell the time of the whole video, also where it was cut; closed captions are cut with the pictures. */
async function * inside ({ video, work }: Look): AsyncGenerator<{ captions: EmbeddedCaptions, trim: Shown['trim'] }> {
  for (const captions of video.tracks) yield { captions, trim: video.trim }
  const { path, facts } = video
  const { folder, signal } = work
  const closed = await readClosedCaptions({ path, facts, folder, signal, timeoutMs: FFMPEG_MS })
  if (closed !== undefined) yield { captions: closed, trim: NOTHING_CUT }
}

function choose (bytes: Uint8Array, trim: Shown['trim'], { seconds, persons, work }: Look): LookedAt {
  const choice = chooseCaptions(bytes, { seconds, trim }, work.params.caption_tolerance ?? 0.2, persons)
  if ('problem' in choice) return choice
  return { ...choice, key: JSON.stringify([createHash('sha256').update(bytes).digest('hex'), trim]) }
}

function named (choice: Extract<LookedAt, { sentences: unknown }>, { name }: EmbeddedCaptions): LookedAt {
  const format = `Embedded ${name}`
  return { ...choice, format, facts: { ...choice.facts, format } }
}
