import { cue, type Cue } from './cue.ts'

export const isAss = (text: string): boolean =>
  /^\s*\[script info\]/im.test(text) || (/^\[events\]/im.test(text) && /^dialogue:/im.test(text))

const FIELDS = ['layer', 'start', 'end', 'style', 'name', 'marginl', 'marginr', 'marginv', 'effect', 'text']

/** The dialogue of a SubStation Alpha script in the order of its times; the name of an actor is that of the speaker. */
export function readAss (text: string): Cue[] {
  let fields = FIELDS
  let isEvents = false
  const cues: Cue[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (/^\s*\[/.test(line)) isEvents = /^\s*\[events\]/i.test(line)
    else if (isEvents && /^format:/i.test(line)) {
      fields = line
        .slice(7)
        .split(',')
        .map((field) => field.trim().toLowerCase())
    } else if (/^dialogue:/i.test(line)) cues.push(...readDialogue(line.slice(9), fields))
  }
  return cues.sort((one, other) => one.startTime - other.startTime)
}

/** The text is the last field, and may have commas in it. Drawings are no text. */
function readDialogue (line: string, fields: string[]): Cue[] {
  const parts = line.split(',')
  const values = new Map(
    fields.map((field, i) => [field, (i === fields.length - 1 ? parts.slice(i).join(',') : (parts[i] ?? '')).trim()])
  )
  const [start, end] = [seconds(values.get('start')), seconds(values.get('end'))]
  const text = (values.get('text') ?? '')
    .replace(/\{[^{}]*\\p[1-9][^{}]*\}[\s\S]*?(?=\{[^{}]*\\p0|$)/g, '')
    .replace(/\\N|\\n/g, '\n')
    .replace(/\\h/g, ' ')
  const name = (values.get('name') ?? values.get('actor') ?? '').replace(/[<>]/g, '')
  return start === undefined || end === undefined ? [] : [cue(start, end, name === '' ? text : `<v ${name}>${text}`)]
}

function seconds (text = ''): number | undefined {
  const [, hours, minutes, secs] = /^(\d{1,3}):(\d{1,2}):(\d{1,2}(?:[.:]\d{1,3})?)$/.exec(text) ?? []
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(secs?.replace(':', '.'))
}
