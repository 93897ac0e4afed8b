import type { Item } from './cue-text.ts'

/** The items of a cue, line by line. */
export type CueLines = Item[][]

/** Of the steps from cue to cue, this share at least repeats what was shown, in captions that roll from end to end. */
const SHARE = 0.8
/** So many steps in a row that repeat and add are no chance; so few are none either, where they repeat many words. */
const FEWEST = 3
const FEW = 2
const MANY_WORDS = 6

type Step = { repeated: number, adds: boolean }

/**
 * Live captions roll: each cue shows the last lines of the one before it and adds to them, or shows a line as it grows.
 * In a stretch of such cues, what a cue repeats is taken out of it. Elsewhere a repeated line was said twice, and
 * stays.
 */
export function withoutRepeats (cues: CueLines[]): CueLines[] {
  const steps = cues.slice(1).map((lines, i): Step => {
    const repeated = repeatedItems(cues[i] ?? [], lines)
    return { repeated, adds: repeated > 0 && repeated < lines.flat().length }
  })
  const rolling = rollsThroughout(steps) ? steps.map(() => true) : rollingStretches(steps)
  return cues.map((lines, i) => i > 0 && rolling[i - 1] === true ? skip(lines, steps[i - 1]?.repeated ?? 0) : lines)
}

function rollsThroughout (steps: Step[]): boolean {
  const repeating = steps.filter(({ repeated }) => repeated > 0).length
  return steps.filter(({ adds }) => adds).length >= FEWEST && repeating >= SHARE * steps.length
}

/** Whether each step lies in a run of steps that repeat, which is long enough to be one that rolls. */
function rollingStretches (steps: Step[]): boolean[] {
  const rolling = steps.map(() => false)
  for (let from = 0; from < steps.length; from++) {
    let to = from
    while (to < steps.length && (steps[to]?.repeated ?? 0) > 0) to++
    const adding = steps.slice(from, to).filter(({ adds }) => adds)
    const words = adding.reduce((sum, { repeated }) => sum + repeated, 0)
    if (adding.length >= FEWEST || (adding.length >= FEW && words >= MANY_WORDS)) rolling.fill(true, from, to)
    from = to
  }
  return rolling
}

/**
 * How many items at the beginning of `next` are the last lines of `previous`; the most, where there are several ways.
 */
function repeatedItems (previous: CueLines, next: CueLines): number {
  const shown = next.flat().map(keyOf)
  for (let from = 0; from < previous.length; from++) {
    const last = previous.slice(from).flat().map(keyOf)
    if (last.length <= shown.length && last.every((key, i) => key === shown[i])) return last.length
  }
  return 0
}

function keyOf (item: Item): string {
  if ('word' in item) return item.word
  if ('mark' in item) return '>'
  return 'sound' in item ? `[${item.sound}` : `<${item.voice}`
}

function skip (lines: CueLines, count: number): CueLines {
  let left = count
  return lines.map((line) => {
    const kept = line.slice(left)
    left = Math.max(0, left - line.length)
    return kept
  }).filter((line) => line.length > 0)
}
