import { cue, type Cue } from './cue.ts'
import { letterOf, pairLetter } from './scc-letters.ts'

const LINE = /^\s*(\d\d):(\d\d):(\d\d)([:;.,])(\d\d)\s+((?:[0-9a-f]{4}\s*)+)$/i
const FRAMES_PER_SECOND = 30_000 / 1001
/** Timecode that drops no frames runs behind the clock. */
const SLOW = 1.001

export const isScc = (text: string): boolean => /^\s*Scenarist_SCC/.test(text)

type Mode = 'pop-on' | 'roll-up' | 'paint-on'

/** What a decoder holds: the text that is being written since `since`, and the one on the screen. */
type Screen = {
  mode: Mode
  written: string
  since: number | undefined
  shown: { text: string, start: number } | undefined
  before: string
  cues: Cue[]
}

/**
 * The cues of a Scenarist file: the codes of CEA-608, as a television decodes them. Lines that roll up are
 * told once each; text that pops on is shown from its sign to the next one, or until the screen is cleared.
 */
export function readScc (text: string): Cue[] {
  const screen: Screen = { mode: 'pop-on', written: '', since: undefined, shown: undefined, before: '', cues: [] }
  let now = 0
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, hours, minutes, seconds, mark, frames, codes] = LINE.exec(line) ?? []
    if (codes === undefined) continue
    const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    now = Math.max(now, (mark === ':' ? whole * SLOW : whole) + Number(frames) / FRAMES_PER_SECOND)
    for (const [i, code] of codes.trim().split(/\s+/).entries()) {
      readCode(screen, code.toLowerCase(), now + i / FRAMES_PER_SECOND)
    }
  }
  finishWriting(screen, now + 3)
  hide(screen, now + 3)
  return screen.cues.sort((one, other) => one.startTime - other.startTime)
}

/** A code of control is sent twice, and counts once. */
function readCode (screen: Screen, code: string, at: number): void {
  const [first, second] = [Number.parseInt(code.slice(0, 2), 16) & 0x7f, Number.parseInt(code.slice(2), 16) & 0x7f]
  const isControl = first >= 0x10 && first <= 0x1f
  const isRepeat = isControl && screen.before === code
  screen.before = isRepeat ? '' : code
  if (isRepeat || (first & 0x78) === 0x18) return
  if (!isControl) {
    for (const byte of [first, second]) if (byte >= 0x20) write(screen, letterOf(byte), at)
    return
  }
  const letter = pairLetter(first, second)
  if (letter !== undefined) {
    if (letter.replaces) screen.written = [...screen.written].slice(0, -1).join('')
    write(screen, letter.letter, at)
  } else if (second >= 0x40) newRow(screen)
  else if (first === 0x14 || first === 0x15) command(screen, second, at)
  else if (first === 0x11) write(screen, ' ', at)
}

function write (screen: Screen, letter: string, at: number): void {
  screen.since ??= at
  screen.written += letter
}

/** A place on the screen: another row, or the same one further on. */
function newRow (screen: Screen): void {
  if (screen.written !== '' && screen.mode !== 'roll-up') screen.written += '\n'
}

function command (screen: Screen, code: number, at: number): void {
  if (code === 0x20) setMode(screen, 'pop-on', at)
  else if (code >= 0x25 && code <= 0x27) setMode(screen, 'roll-up', at)
  else if (code === 0x29) setMode(screen, 'paint-on', at)
  else if (code === 0x21) screen.written = [...screen.written].slice(0, -1).join('')
  else if (code === 0x2c) {
    if (screen.mode !== 'pop-on') finishWriting(screen, at)
    hide(screen, at)
  } else if (code === 0x2d) finishWriting(screen, at)
  else if (code === 0x2e) Object.assign(screen, { written: '', since: undefined })
  else if (code === 0x2f) show(screen, at)
}

function setMode (screen: Screen, mode: Mode, at: number): void {
  if (screen.mode !== 'pop-on') finishWriting(screen, at)
  screen.mode = mode
}

/** What was written on the screen itself is a cue of its own. */
function finishWriting (screen: Screen, at: number): void {
  const { written, since, mode } = screen
  if (mode !== 'pop-on' && written.trim() !== '') screen.cues.push(cue(since ?? at, at, escaped(written)))
  if (mode !== 'pop-on') Object.assign(screen, { written: '', since: undefined })
}

function show (screen: Screen, at: number): void {
  hide(screen, at)
  if (screen.written.trim() !== '') screen.shown = { text: screen.written, start: at }
  Object.assign(screen, { written: '', since: undefined, mode: 'pop-on' })
}

function hide (screen: Screen, at: number): void {
  if (screen.shown !== undefined) screen.cues.push(cue(screen.shown.start, at, escaped(screen.shown.text)))
  screen.shown = undefined
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replace(/<(?!<)/g, '&lt;').trim()
