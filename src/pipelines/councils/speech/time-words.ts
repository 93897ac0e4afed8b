import type { Token } from '../model/tokens.ts'

export type HeardWord = { word: string, start: number, end: number }
export type WrittenWord = Pick<Token, 'text' | 'start' | 'end'>

const letters = (text: string): number => text.replace(/[^\p{L}\p{M}\p{N}]/gu, '').length

/**
 * Times for written words, which have punctuation, by the heard ones, which may have none and be parted elsewhere
 * ("twenty" "-one"). Both say the same, so they are laid side by side by their letters. Times never go back.
 */
export function timeWords (written: string[], heard: HeardWord[]): WrittenWord[] {
  const marks = marksOf(heard)
  const heardLetters = marks.at(-1)?.to ?? 0
  const writtenLetters = written.reduce((sum, text) => sum + letters(text), 0)
  const scale = writtenLetters === 0 ? 0 : heardLetters / writtenLetters
  let position = 0
  let cursor = 0
  const timeAt = (at: number, isStart: boolean): number => {
    while (cursor < marks.length - 1 && (isStart ? marks[cursor]!.to <= at : marks[cursor]!.to < at)) cursor++
    const { from, to, start, end } = marks[cursor]!
    return start + (end - start) * Math.min(1, Math.max(0, (at - from) / (to - from)))
  }
  let latest = marks[0]?.start ?? 0
  return written.map((text) => {
    const length = letters(text) * scale
    if (length === 0 || marks.length === 0) return { text, start: latest, end: latest }
    // Sums of fractions miss the border of a word by a hair.
    const start = Math.max(latest, timeAt(position + 1e-6, true))
    position += length
    latest = Math.max(start, timeAt(position - 1e-6, false))
    return { text, start: round(start), end: round(latest) }
  })
}

/** Which letters of all that were heard each word has. */
function marksOf (heard: HeardWord[]): Array<{ from: number, to: number, start: number, end: number }> {
  let to = 0
  let latest = 0
  return heard.flatMap(({ word, start, end }) => {
    const from = to
    to += letters(word)
    if (to === from) return []
    const begins = Math.max(latest, start)
    latest = Math.max(begins, end)
    return [{ from, to, start: begins, end: latest }]
  })
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000
