import { cue, type Cue } from './cue.ts'

const timing = /^[ \t\f]*(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})[ \t\f]*-->[ \t\f]*(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})(.*)$/

export const isVtt = (text: string): boolean => /^WEBVTT(?:[ \t\r\n]|$)/.test(text)

/**
 * The cues of a WebVTT file in its order, read as browsers do: a cue whose times are wrong is left out, a line with an
 * arrow begins a cue even where the blank line before it is missing, and NOTE, STYLE and REGION blocks are passed over.
 * `text` has no byte order mark.
 */
export function readVtt (text: string): Cue[] {
  const lines = text.replaceAll('\0', '\ufffd').split(/\r\n|\r|\n/)
  const cues: Cue[] = []
  let at = 1
  while (at < lines.length && lines[at] !== '' && !lines[at]!.includes('-->')) at++
  while (at < lines.length) {
    if (lines[at] === '') {
      at++
      continue
    }
    const block = readBlock(lines, at)
    if (block.cue !== undefined) cues.push(block.cue)
    at = block.next
  }
  return cues
}

/** One block from `at`, which is not blank, to a blank line or to the arrow of the next cue. */
function readBlock (lines: string[], at: number): { cue: Cue | undefined, next: number } {
  const hasId = !lines[at]!.includes('-->')
  const timingAt = hasId ? at + 1 : at
  const isCue = lines[timingAt]?.includes('-->') === true
  let next = isCue ? timingAt + 1 : at + 1
  const body: string[] = []
  while (next < lines.length && lines[next] !== '' && !lines[next]!.includes('-->')) body.push(lines[next++]!)
  return { cue: isCue ? readCue(hasId ? lines[at]! : '', lines[timingAt]!, body.join('\n')) : undefined, next }
}

function readCue (id: string, line: string, text: string): Cue | undefined {
  const match = timing.exec(line)
  if (match === null) return undefined
  const startTime = seconds(match.slice(1, 5))
  const endTime = seconds(match.slice(5, 9))
  if (startTime === undefined || endTime === undefined) return undefined
  const align = /(?:^|[ \t\f])align:(start|center|end|left|right)(?=[ \t\f]|$)/.exec(match[9] ?? '')?.[1]
  return cue(startTime, endTime, text, id, align)
}

function seconds ([hours = '0', minutes = '', secs = '', thousandths = '']: string[]): number | undefined {
  if (Number(minutes) > 59 || Number(secs) > 59) return undefined
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(secs) + Number(thousandths) / 1000
}
