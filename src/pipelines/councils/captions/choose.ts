import type { Sentence } from '../model/transcript.ts'
import { captionSentences } from './caption-sentences.ts'
import type { Cue } from './cue.ts'
import { readCaptions } from './read.ts'

/** What is known of the video: how long it is, and which part of the one that was captioned it shows. */
export type Shown = { seconds: number, trim: { start: number | null, end: number | null } }

export type CaptionFacts = { format?: string, cues: number, words: number, covered_seconds: number, video_seconds: number }

/** Sentences where the captions can be the transcript; a problem, in words for people, where they cannot. */
export type CaptionChoice = { facts: CaptionFacts } & ({ sentences: Sentence[], format: string } | { problem: string })

/** @param tolerance how much of the length of the video may be missing or too much, 0.2 is a fifth */
export function chooseCaptions (bytes: Uint8Array, { seconds, trim }: Shown, tolerance: number): CaptionChoice {
  const read = readCaptions(bytes)
  const none = { cues: 0, words: 0, covered_seconds: 0, video_seconds: round(seconds) }
  if ('problem' in read) return { facts: none, problem: read.problem }
  const sentences = captionSentences(cutCues(read.cues, trim))
  const covered = sentences.length === 0 ? 0 : Math.floor(sentences.at(-1)!.end_time) - Math.floor(sentences[0]!.start_time)
  const facts = { format: read.format, cues: read.cues.length, words: sentences.reduce((sum, { words }) => sum + words.length, 0), covered_seconds: covered, video_seconds: round(seconds) }
  if (read.cues.length === 0) return { facts, problem: `it has no cues (${read.format})` }
  if (sentences.length === 0) return { facts, problem: `its ${read.cues.length} cues have no words` }
  if (Math.abs(covered - seconds) > tolerance * Math.max(covered, seconds)) {
    return { facts, problem: `its ${read.cues.length} cues cover ${covered} s of ${round(seconds)} s, which is not within ${Math.round(tolerance * 100)} %` }
  }
  return { facts, sentences, format: read.format }
}

/** Captions tell the time of the whole video; of a part of it, the cues are moved to where it begins. */
function cutCues (cues: Cue[], { start, end }: Shown['trim']): Cue[] {
  const [from, to] = [start ?? 0, end ?? Infinity]
  if (from === 0 && to === Infinity) return cues
  return cues.filter(({ startTime, endTime }) => endTime > from && startTime < to)
    .map((cue) => ({ ...cue, startTime: Math.max(0, cue.startTime - from), endTime: Math.min(to, cue.endTime) - from }))
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10
