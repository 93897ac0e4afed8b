import type { Sentence } from '../model/transcript.ts'
import type { Cue } from './cue.ts'

/** What the captions of a video come to, as people are told it. */
export type CaptionFacts = {
  format?: string
  cues: number
  words: number
  covered_seconds: number
  video_seconds: number
  /** Words for each minute of the video. */
  words_per_minute: number
  /** The longest time without a word, seconds. */
  longest_gap_seconds: number
}

/** Fewer words in a minute than any meeting has, be it half a recess; of a short video it says nothing. */
const FEWEST_PER_MINUTE = 10
const SHORT_SECONDS = 60
/** A gap is too long where it is both: the better part of the video, and longer than a recess. */
const GAP_SHARE = 0.5
const GAP_SECONDS = 900
/** Of so many cues at least, this share must differ: what is shown again and again is no transcript. */
const REPEATED_CUES = 20
const DIFFERENT = 0.2

export function measure (cues: Cue[], sentences: Sentence[], seconds: number): CaptionFacts {
  const [first, last] = [sentences[0], sentences.at(-1)]
  const words = sentences.reduce((sum, one) => sum + one.words.length, 0)
  return {
    cues: cues.length,
    words,
    covered_seconds:
      first === undefined || last === undefined ? 0 : Math.floor(last.end_time) - Math.floor(first.start_time),
    video_seconds: round(seconds),
    words_per_minute: seconds > 0 ? round((words / seconds) * 60) : 0,
    longest_gap_seconds: round(longestGap(sentences, seconds))
  }
}

/** Why captions cannot be the transcript, in words for people; undefined where they can. */
export function judge (facts: CaptionFacts, cues: Cue[], tolerance: number): string | undefined {
  const {
    covered_seconds: covered,
    video_seconds: seconds,
    words,
    words_per_minute: pace,
    longest_gap_seconds: gap
  } = facts
  if (cues.length === 0) return `it has no cues (${facts.format})`
  if (words === 0) return `its ${cues.length} cues have no words`
  if (Math.abs(covered - seconds) > tolerance * Math.max(covered, seconds)) {
    return `its ${cues.length} cues cover ${covered} s of ${seconds} s, which is not within ${Math.round(tolerance * 100)} %`
  }
  if (seconds >= SHORT_SECONDS && pace < FEWEST_PER_MINUTE) {
    return `its ${words} words in ${seconds} s are ${pace} a minute, fewer than any meeting has`
  }
  if (gap > Math.max(GAP_SECONDS, GAP_SHARE * seconds)) return `nothing is said in it for ${gap} s of ${seconds} s`
  const different = new Set(cues.map(({ text }) => text.trim().toLowerCase())).size
  if (cues.length >= REPEATED_CUES && different < DIFFERENT * cues.length) {
    return `its ${cues.length} cues repeat ${different} texts`
  }
  return undefined
}

function longestGap (sentences: Sentence[], seconds: number): number {
  let latest = 0
  let longest = 0
  for (const { start_time: start, end_time: end } of sentences.flatMap(({ words }) => words)) {
    longest = Math.max(longest, start - latest)
    latest = Math.max(latest, end)
  }
  return Math.max(longest, seconds - latest)
}

const round = (number: number): number => Math.round(number * 10) / 10
