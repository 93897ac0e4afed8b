import type { Sentence } from '../model/transcript.ts'
import { captionSentences } from './caption-sentences.ts'
import type { Cue } from './cue.ts'
import { judge, measure, type CaptionFacts } from './judge.ts'
import { readCaptions } from './read.ts'
import type { KnownPersons } from './speakers.ts'

/** What is known of the video: how long it is, and which part of the one that was captioned it shows. */
export type Shown = { seconds: number, trim: { start: number | null, end: number | null } }

/** Sentences where the captions can be the transcript; a problem, in words for people, where they cannot. */
export type CaptionChoice = { facts: CaptionFacts } & ({ sentences: Sentence[], format: string } | { problem: string })

/** @param tolerance how much of the length of the video may be missing or too much, 0.2 is a fifth */
export function chooseCaptions (
  bytes: Uint8Array,
  { seconds, trim }: Shown,
  tolerance: number,
  persons: KnownPersons = []
): CaptionChoice {
  const read = readCaptions(bytes)
  if ('problem' in read) return { facts: measure([], [], seconds), problem: read.problem }
  const cues = cutCues(read.cues, trim)
  const sentences = captionSentences(cues, persons)
  const facts = { format: read.format, ...measure(cues, sentences, seconds), cues: read.cues.length }
  const problem = judge(facts, read.cues, tolerance)
  return problem === undefined ? { facts, sentences, format: read.format } : { facts, problem }
}

/** Captions tell the time of the whole video; of a part of it, the cues are moved to where it begins. */
function cutCues (cues: Cue[], { start, end }: Shown['trim']): Cue[] {
  const [from, to] = [start ?? 0, end ?? Infinity]
  if (from === 0 && to === Infinity) return cues
  return cues.filter(({ startTime, endTime }) => endTime > from && startTime < to)
    .map((cue) => ({ ...cue, startTime: Math.max(0, cue.startTime - from), endTime: Math.min(to, cue.endTime) - from }))
}
