import { cue, type Cue } from './cue.ts'

const time = '(?:(\\d{1,4}):)?(\\d{1,3}):(\\d{1,2}(?:[.,]\\d{1,9})?)'
const timing = new RegExp(`^\\s{0,99}${time}\\s{0,99}-{1,9}>\\s{0,99}${time}`)

export const isSrt = (text: string): boolean => text.split(/\r\n|\r|\n/).some((line) => timing.test(line))

/**
 * The cues of a SubRip file in its order. Only the lines with times count: indices may be missing or wrong, a cue
 * may hold blank lines, and the blank line before a cue may be missing. `0:00:01,5` is one and a half seconds.
 */
export function readSrt (text: string): Cue[] {
  const lines = text.split(/\r\n|\r|\n/)
  const found = lines.flatMap((line, at) => {
    const match = timing.exec(line)
    return match === null ? [] : [{ at, start: seconds(match.slice(1, 4)), end: seconds(match.slice(4, 7)) }]
  })
  return found.map(({ at, start, end }, i) => {
    const next = found[i + 1]?.at
    const last = next === undefined ? lines.length : isIndex(lines, next - 1, at, i + 2) ? next - 1 : next
    return cue(start, end, lines.slice(at + 1, last).join('\n').trim(), String(i + 1))
  })
}

/** Whether the line before a line of times is the number of the cue, and not the last line of the one before. */
function isIndex (lines: string[], at: number, previous: number, expected: number): boolean {
  const line = lines[at]?.trim() ?? ''
  return (
    at > previous &&
    /^\d+$/.test(line) &&
    (lines[at - 1]?.trim() === '' || at - 1 === previous || Number(line) === expected)
  )
}

function seconds ([hours = '0', minutes = '', secs = '']: Array<string | undefined>): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(secs.replace(',', '.'))
}
