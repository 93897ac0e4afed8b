import type { Sentence, Transcript, Word } from './transcript.ts'

/**
 * A word as it is written, with its punctuation, and when it is spoken. `turn` counts the speakers,
 * where they are known.
 */
export type Token = {
  text: string
  start: number
  end: number
  confidence: number
  turn: number | null
  speaker: string | null
  /** What was heard before it and is no word, such as applause. */
  sounds?: string[] | undefined
}

/** The word in a token: letters, digits and `_ / - '`, in lower case; empty where it has none, or is a stray dash. */
export const wordText = (token: string): string => {
  const text = token.replace(/[’ʼ]/g, "'").replace(/[^\p{L}\p{M}\p{N}_/'-]/gu, '').toLowerCase()
  return text === '-' ? '' : text
}

/** Sentences from tokens; those without a word are left out. */
export function toSentences (sentences: Token[][]): Sentence[] {
  return sentences.filter((tokens) => tokens.some(({ text }) => wordText(text) !== '')).map((tokens, index) => {
    const spoken = tokens.filter(({ text }) => wordText(text) !== '')
    const [first] = tokens
    const sounds = tokens.flatMap((token) => token.sounds ?? [])
    return {
      index,
      confidence: mean(spoken.map(({ confidence }) => confidence)),
      start_time: spoken[0]?.start ?? 0,
      end_time: spoken.at(-1)?.end ?? 0,
      words: spoken.map(toWord),
      text: sentenceText(tokens),
      speaker_index: first?.turn ?? null,
      speaker_name: first?.speaker ?? null,
      annotations: sounds.length > 0 ? { sounds } : null
    }
  })
}

function toWord ({ text, start, end }: Token, index: number): Word {
  return { index, start_time: start, end_time: end, text: wordText(text), annotations: null }
}

type Facts = { generator: string, sessionDatetime: string | null, now: Date }

export function toTranscript (sentences: Sentence[], { generator, sessionDatetime, now }: Facts): Transcript {
  return {
    generator,
    confidence: mean(sentences.map(({ confidence }) => confidence)),
    session_datetime: sessionDatetime,
    created_datetime: now.toISOString(),
    sentences,
    annotations: null
  }
}

/** `roughly$ 19` is a slip of captioning machines for `roughly $19`. */
function sentenceText (tokens: Token[]): string {
  const text = tokens
    .map((token) => token.text)
    .join(' ')
    .replace(/([\p{L}\p{N}])([$#(<[{`]+) (?=[\p{L}\p{N}])/gu, '$1 $2')
  return text.replace(/\p{L}/u, (letter) => letter.toUpperCase())
}

/** To six places, so that 0.97 stays 0.97. */
const mean = (numbers: number[]): number =>
  numbers.length === 0 ? 0 : Math.round((numbers.reduce((sum, one) => sum + one, 0) / numbers.length) * 1e6) / 1e6
