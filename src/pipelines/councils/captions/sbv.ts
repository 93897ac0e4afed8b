import { cue, type Cue } from './cue.ts'

const TIMING = /^\s*(\d{1,3}):(\d\d):(\d\d\.\d{1,3}),(\d{1,3}):(\d\d):(\d\d\.\d{1,3})\s*$/
/** Settings that SubViewer has before its cues, and its sign for a line. */
const HEADING =
  /^\[(?:INFORMATION|TITLE|AUTHOR|SOURCE|PRG|FILEPATH|DELAY|CD TRACK|COMMENT|END INFORMATION|SUBTITLE|COLF)\]/i

export const isSbv = (text: string): boolean => text.split(/\r\n|\r|\n/).some((line) => TIMING.test(line))

/**
 * The cues of a SubViewer file, as YouTube hands it out, in its order: a line of times, and text up to the next one.
 */
export function readSbv (text: string): Cue[] {
  const cues: Cue[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, ...times] = TIMING.exec(line) ?? []
    const last = cues.at(-1)
    if (times.length > 0) {
      cues.push(cue(seconds(times.slice(0, 3)), seconds(times.slice(3)), '', String(cues.length + 1)))
    } else if (last !== undefined && !HEADING.test(line)) last.text = `${last.text}\n${line.replaceAll('[br]', '\n')}`
  }
  return cues.map((one) => ({ ...one, text: one.text.trim() }))
}

const seconds = ([hours = '', minutes = '', secs = '']: string[]): number =>
  Number(hours) * 3600 + Number(minutes) * 60 + Number(secs)
