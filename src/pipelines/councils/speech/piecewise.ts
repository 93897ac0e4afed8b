import { splitSentences } from '../model/sentences.ts'
import type { Token } from '../model/tokens.ts'
import type { SpeechRun } from './engine.ts'
import type { Heard } from './openai-answer.ts'
import { makePieces, timeInWhole, type Piece } from './pieces.ts'
import type { Voice } from './voice.ts'

type Hear = (piece: Piece) => Promise<Heard>

/** Hears what is to be heard piece by piece, and puts the words at their times in the whole. */
export async function hearPieces (
  voice: Voice,
  most: number,
  confidenceOf: (heard: Heard) => number,
  hear: Hear,
  { log, progress }: SpeechRun
): Promise<Token[][]> {
  const pieces = makePieces(voice, most)
  if (pieces.length > 1) log(`${pieces.length} pieces of at most ${most} s`)
  const tokens: Token[] = []
  for (const piece of pieces) {
    const heard = await hear(piece)
    const confidence = confidenceOf(heard)
    tokens.push(
      ...heard.words.map(({ text, start, end }) => ({
        text,
        start: timeInWhole(piece, start),
        end: timeInWhole(piece, end),
        confidence,
        turn: null,
        speaker: null
      }))
    )
    progress(piece.spans.at(-1)?.end ?? 0)
  }
  return splitSentences(tokens)
}
