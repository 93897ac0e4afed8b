import type { Item } from './cue-text.ts'

/** The items of a cue, line by line. */
export type CueLines = Item[][]

/** Of the steps from cue to cue, this share at least repeats what was shown, in captions that roll. */
const share = 0.8
const fewest = 3

/**
 * Live captions roll: each cue shows the last lines of the one before it and adds to them, or shows a line as it grows. In a
 * file of such cues, what a cue repeats is taken out of it. Elsewhere a repeated line was said twice, and stays.
 */
export function withoutRepeats (cues: CueLines[]): CueLines[] {
  const steps = cues.slice(1).map((lines, i) => {
    const repeated = repeatedItems(cues[i]!, lines)
    return { repeated, adds: repeated > 0 && repeated < lines.flat().length }
  })
  const adding = steps.filter(({ adds }) => adds).length
  const repeating = steps.filter(({ repeated }) => repeated > 0).length
  if (adding < fewest || repeating < share * steps.length) return cues
  return cues.map((lines, i) => i === 0 ? lines : skip(lines, steps[i - 1]!.repeated))
}

/** How many items at the beginning of `next` are the last lines of `previous`; the most, where there are several ways. */
function repeatedItems (previous: CueLines, next: CueLines): number {
  const shown = next.flat().map(keyOf)
  for (let from = 0; from < previous.length; from++) {
    const last = previous.slice(from).flat().map(keyOf)
    if (last.length <= shown.length && last.every((key, i) => key === shown[i])) return last.length
  }
  return 0
}

const keyOf = (item: Item): string => 'word' in item ? item.word : 'mark' in item ? '>' : `<${item.voice}`

function skip (lines: CueLines, count: number): CueLines {
  let left = count
  return lines.map((line) => {
    const kept = line.slice(left)
    left = Math.max(0, left - line.length)
    return kept
  }).filter((line) => line.length > 0)
}
