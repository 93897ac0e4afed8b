import { deflateSync } from 'node:zlib'

/** A stretch of text as an engine heard it, with what it thinks of it. */
export type Segment = {
  text: string
  start: number
  end: number
  logprob?: number | undefined
  noSpeech?: number | undefined
  compression?: number | undefined
}

/** The limits of Whisper itself: no speech, and text that says the same again and again. */
const [NO_SPEECH, NO_SPEECH_LOGPROB, COMPRESSION] = [0.6, -1, 2.4]
/** A short text always packs badly or well by chance. */
const FEWEST_LETTERS = 60
/** A text of so many words that stands so often in a row was said once at most. */
const [LOOP_WORDS, LOOP_TIMES] = [3, 3]

/**
 * What engines make of silence and noise is no words: segments that they doubt themselves, and loops, of which the
 * first stays.
 */
export function withoutDoubtful (segments: Segment[]): { kept: Segment[], dropped: Segment[] } {
  const kept: Segment[] = []
  const dropped: Segment[] = []
  let times = 0
  for (const [i, segment] of segments.entries()) {
    times = i > 0 && plain(segment.text) === plain(segments[i - 1]?.text ?? '') ? times + 1 : 1
    const isLong = plain(segment.text).split(' ').length >= LOOP_WORDS
    const isInLoop = times > 1 && isLong && runFrom(segments, i - times + 1) >= LOOP_TIMES
    const list = isDoubtful(segment) || isInLoop ? dropped : kept
    list.push(segment)
  }
  return { kept, dropped }
}

/** How many segments from one on say the same. */
function runFrom (segments: Segment[], from: number): number {
  let to = from
  while (to < segments.length && plain(segments[to]?.text ?? '') === plain(segments[from]?.text ?? '')) to++
  return to - from
}

function isDoubtful ({ text, logprob = 0, noSpeech = 0, compression = compressionOf(text) }: Segment): boolean {
  return (noSpeech > NO_SPEECH && logprob < NO_SPEECH_LOGPROB) || compression > COMPRESSION
}

function compressionOf (text: string): number {
  const bytes = Buffer.from(text.trim(), 'utf8')
  return bytes.length < FEWEST_LETTERS ? 0 : bytes.length / deflateSync(bytes).length
}

/** Places of words that only repeat the run of words before them: a run counts as a loop from so many words on. */
const [LONGEST_RUN, FEWEST_TIMES, FEWEST_WORDS] = [8, 6, 24]

/** The words without the repeats of loops, for answers that have no segments to judge. */
export function withoutLoops<T extends { text: string }> (words: T[]): T[] {
  const texts = words.map(({ text }) => plain(text))
  const kept: T[] = []
  for (let at = 0; at < words.length;) {
    const loop = loopAt(texts, at)
    kept.push(...words.slice(at, at + (loop?.length ?? 1)))
    at += loop === undefined ? 1 : loop.length * loop.times
  }
  return kept
}

function loopAt (texts: string[], at: number): { length: number, times: number } | undefined {
  for (let length = 1; length <= LONGEST_RUN; length++) {
    let end = at + length
    while (end < texts.length && texts[end] === texts[end - length]) end++
    const times = Math.floor((end - at) / length)
    if (times >= FEWEST_TIMES && times * length >= FEWEST_WORDS) return { length, times }
  }
  return undefined
}

const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}' ]/gu, '').replace(/\s+/g, ' ').trim()
