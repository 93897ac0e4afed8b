import type { Asked, Unit } from './question.ts'
import type { Spoken } from './spoken.ts'
import { wordsOf } from './terms.ts'

/** BM25: how soon more of the same counts less, and how much a long meeting is held against it. */
const [K1, B] = [1.2, 0.75]
/** What a line gets of the words of its neighbours, and what a text of the record counts beside one that was said. */
const [NEIGHBOUR, RECORD] = [0.5, 0.8]
/** What words that follow each other as in the question add. */
const BESIDE = 0.6
/** So many lines of a meeting are looked at word by word. */
const LOOKED_AT = 12

export type Corpus = {
  meetings: readonly Spoken[]
  /** In how many meetings a term stands. */
  df: ReadonlyMap<number, number>
  /** The words of a meeting in the mean. */
  meanWords: number
}

export type RankedLine = { line: number, score: number }
export type Ranked = { spoken: Spoken, score: number, lines: RankedLine[], units: number }

/** The weight of each unit: what few meetings have tells more. What all have still tells a little. */
export function weightsOf ({ units }: Asked, { meetings, df }: Corpus): number[] {
  return units.map((unit) => {
    const most = Math.max(0, ...unit.keys.map((key) => df.get(key) ?? 0), ...unit.pairs.map((pair) => pairDf(pair, df)))
    return Math.log(1 + (meetings.length - most + 0.5) / (most + 0.5))
  })
}

const pairDf = ([first, second]: readonly [number, number], df: ReadonlyMap<number, number>): number =>
  Math.min(df.get(first) ?? 0, df.get(second) ?? 0)

/**
 * How well a meeting answers by how often its words stand in it: quick, without a look at any line.
 * 0 where it does not.
 */
export function glance ({ units }: Asked, weights: number[], spoken: Spoken, { meanWords, df }: Corpus): number {
  let whole = 0
  let matched = 0
  for (const [u, unit] of units.entries()) {
    const count = countOf(unit, spoken, df)
    if (count === 0) continue
    const weight = weights[u] ?? 0
    matched += weight
    whole += weight * count * (K1 + 1) / (count + K1 * (1 - B + B * spoken.words / meanWords))
  }
  const all = weights.reduce((sum, one) => sum + one, 0)
  return whole * (0.4 + 0.6 * (all === 0 ? 1 : matched / all))
}

function countOf ({ keys, pairs }: Unit, spoken: Spoken, df: ReadonlyMap<number, number>): number {
  let count = 0
  for (const key of keys) {
    const place = df.has(key) ? spoken.find(key) : -1
    if (place !== -1) count += spoken.linesOf(place).length
  }
  for (const pair of count > 0 ? [] : pairs) {
    if (pairDf(pair, df) > 0 && pair.every((key) => spoken.find(key) !== -1)) count++
  }
  return count
}

/** How well a meeting answers, by its words as a whole and by its best moment; undefined where it does not. */
export function rankMeeting (
  asked: Asked,
  weights: number[],
  spoken: Spoken,
  { meanWords, df }: Corpus
): Ranked | undefined {
  const masks = new Map<number, number>()
  let whole = 0
  let matched = 0
  for (const [u, unit] of asked.units.entries()) {
    const lines = linesOf(unit, spoken, df)
    if (lines.size === 0) continue
    for (const line of lines) masks.set(line, (masks.get(line) ?? 0) | (1 << u))
    const weight = weights[u] ?? 0
    matched += weight
    whole += (weight * lines.size * (K1 + 1)) / (lines.size + K1 * (1 - B + (B * spoken.words) / meanWords))
  }
  if (masks.size === 0) return undefined
  const lines = bestLines(masks, weights, spoken)
  const fitting =
    asked.phrases.length === 0
      ? lines
      : lines.filter(({ line }) => asked.phrases.every((phrase) => isSaid(phrase, termsAt(spoken, line))))
  if (fitting.length === 0) return undefined
  const looked = fitting
    .slice(0, LOOKED_AT)
    .map(({ line, score }) => ({ line, score: score + besideBonus(asked, weights, termsAt(spoken, line)) }))
    .sort(byScore)
  const all = weights.reduce((sum, one) => sum + one, 0)
  const coverage = all === 0 ? 1 : matched / all
  return {
    spoken,
    score: (whole + 2 * (looked[0]?.score ?? 0)) * (0.4 + 0.6 * coverage),
    lines: [...looked, ...fitting.slice(LOOKED_AT)],
    units: masks.size
  }
}

function linesOf ({ keys, pairs }: Unit, spoken: Spoken, df: ReadonlyMap<number, number>): Set<number> {
  const lines = new Set<number>()
  for (const key of new Set(keys)) {
    const place = spoken.find(key)
    if (place !== -1) for (const line of spoken.linesOf(place)) lines.add(line)
  }
  for (const pair of pairs) {
    if (pairDf(pair, df) === 0) continue
    const [first, second] = pair.map((key) => spoken.find(key))
    if (first === undefined || second === undefined || first === -1 || second === -1) continue
    const others = new Set(spoken.linesOf(second))
    for (const line of spoken.linesOf(first)) if (others.has(line)) lines.add(line)
  }
  return lines
}

/** Each line by the weight of what is said in it and beside it, best first. */
function bestLines (masks: Map<number, number>, weights: number[], spoken: Spoken): RankedLine[] {
  const sums = new Map<number, number>()
  const sumOf = (mask: number): number => {
    let sum = sums.get(mask)
    if (sum === undefined) {
      sum = weights.reduce((total, weight, u) => (mask & (1 << u)) === 0 ? total : total + weight, 0)
      sums.set(mask, sum)
    }
    return sum
  }
  const lines: RankedLine[] = []
  for (const [line, mask] of masks) {
    if (line >= spoken.lines) {
      lines.push({ line, score: RECORD * sumOf(mask) })
      continue
    }
    const around =
      (((line > 0 ? masks.get(line - 1) : 0) ?? 0) | ((line + 1 < spoken.lines ? masks.get(line + 1) : 0) ?? 0)) &
      ~mask
    lines.push({ line, score: sumOf(mask) + (around === 0 ? 0 : NEIGHBOUR * sumOf(around)) })
  }
  return lines.sort(byScore)
}

/** Of equal ones the first. */
const byScore = (one: RankedLine, other: RankedLine): number => other.score - one.score || one.line - other.line

const termsAt = (spoken: Spoken, line: number): string[] => wordsOf(spoken.text(line)).words.map(({ term }) => term)

function isSaid (phrase: string[], terms: string[]): boolean {
  const at = terms.findIndex((_, i) => phrase.every((term, j) => terms[i + j] === term))
  return at !== -1
}

function besideBonus ({ units }: Asked, weights: number[], terms: string[]): number {
  let bonus = 0
  for (let u = 0; u + 1 < units.length; u++) {
    const [first, second] = [units[u]?.terms[0], units[u + 1]?.terms[0]]
    if (terms.some((term, i) => term === first && terms[i + 1] === second)) {
      bonus += BESIDE * Math.min(weights[u] ?? 0, weights[u + 1] ?? 0)
    }
  }
  return bonus
}
