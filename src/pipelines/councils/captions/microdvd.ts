import { cue, type Cue } from './cue.ts'

const LINE = /^\{(\d{1,9})\}\{(\d{0,9})\}(.*)$/
/** What is meant where a file says nothing of its frames. */
const FRAMES_PER_SECOND = 23.976
const LAST_SECONDS = 5

export const isMicrodvd = (text: string): boolean => /^\s*\{\d{1,9}\}\{\d{0,9}\}/.test(text)

/** The cues of a MicroDVD file, which counts frames; its first line may say how many of them make a second. */
export function readMicrodvd (text: string): Cue[] {
  const lines = text.split(/\r\n|\r|\n/).flatMap((line) => {
    const [, start, end, said = ''] = LINE.exec(line.trim()) ?? []
    return start === undefined ? [] : [{ start: Number(start), end: end === '' ? undefined : Number(end), said }]
  })
  const [first] = lines
  const declared =
    first !== undefined && first.start <= 1 && /^\d{2,3}(?:[.,]\d+)?$/.test(first.said.trim())
      ? Number(first.said.replace(',', '.'))
      : undefined
  const rate = declared ?? FRAMES_PER_SECOND
  const shown = declared === undefined ? lines : lines.slice(1)
  return shown.map(({ start, end, said }, i) => {
    const until = end ?? shown[i + 1]?.start ?? start + LAST_SECONDS * rate
    return cue(start / rate, until / rate, said.replaceAll('|', '\n'), String(i + 1))
  })
}
