import { cue, type Cue } from './cue.ts'
import { readSrt } from './srt.ts'

const TIMING = /^[ \t\f]*(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})[ \t\f]*-->[ \t\f]*(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})(.*)$/
/** Times as SubRip writes them, which a file may have under the head of WebVTT. */
const COMMA_TIMING = /^\s*(?:\d+:)?\d{1,2}:\d\d,\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d\d,\d{1,3}\s*$/

export const isVtt = (text: string): boolean => /^WEBVTT(?:[ \t\r\n]|$)/.test(text)

/**
 * The cues of a WebVTT file in its order, read as browsers do: a cue whose times are wrong is left out, a line with an
 * arrow begins a cue even where the blank line before it is missing, and NOTE, STYLE and REGION blocks are passed over.
 * Two things are taken that no browser shows: text that a blank line parts from its times, and times with a comma,
 * where most are written so. `text` has no byte order mark.
 */
export function readVtt (text: string): Cue[] {
  const lines = text.replaceAll('\0', '\ufffd').split(/\r\n|\r|\n/)
  const cues = readBlocks(lines)
  const arrows = lines.filter((line) => line.includes('-->'))
  const commas = arrows.filter((line) => COMMA_TIMING.test(line)).length
  return commas > arrows.length / 2 ? readSrt(lines.slice(1).join('\n')) : cues
}

function readBlocks (lines: string[]): Cue[] {
  const cues: Cue[] = []
  // The cue whose times the last block had, as long as nothing but texts has followed.
  let open: Cue | undefined
  let at = 1
  while (at < lines.length && lines[at] !== '' && lines[at]?.includes('-->') !== true) at++
  while (at < lines.length) {
    if (lines[at] === '') {
      at++
      continue
    }
    const block = readBlock(lines, at)
    at = block.next
    if (block.kind === 'cue') {
      open = block.cue
      if (open !== undefined) cues.push(open)
    } else if (open !== undefined && isText(block.body, lines[at])) {
      open.text = `${open.text}\n${block.body.join('\n')}`.trimStart()
    } else if (block.kind === 'other') open = undefined
  }
  return cues
}

/** A note, a style or a region says what it is; a number, or a line before times, names a cue. */
function isText (body: string[], next: string | undefined): boolean {
  const [first = ''] = body
  if (/^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(first)) return false
  return body.length > 1 || !(/^\d+$/.test(first.trim()) || next?.includes('-->') === true)
}

type Block = { next: number, body: string[] } & ({ kind: 'cue', cue: Cue | undefined } | { kind: 'other' })

/** One block from `at`, which is not blank, to a blank line or to the arrow of the next cue. */
function readBlock (lines: string[], at: number): Block {
  const line = (place: number): string => lines[place] ?? ''
  const hasId = !line(at).includes('-->')
  const timingAt = hasId ? at + 1 : at
  const isCue = line(timingAt).includes('-->')
  let next = isCue ? timingAt + 1 : at
  const body: string[] = []
  while (next < lines.length && line(next) !== '' && !line(next).includes('-->')) body.push(line(next++))
  if (!isCue) return { kind: 'other', body, next }
  return { kind: 'cue', cue: readCue(hasId ? line(at) : '', line(timingAt), body.join('\n')), body, next }
}

function readCue (id: string, line: string, text: string): Cue | undefined {
  const match = TIMING.exec(line)
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
