import { cue, type Cue } from './cue.ts'

export const isSami = (text: string): boolean => /<sami[\s>]/i.test(text) && /<sync\b/i.test(text)

/** The longest that a text without an end is shown. */
const LAST_SECONDS = 5

/**
 * The cues of a SAMI document in its order: each SYNC shows its text until the next one. Of several
 * languages, told apart by the classes of their paragraphs, the first is read.
 */
export function readSami (text: string): Cue[] {
  const body = text.replace(/<!--[\s\S]*?-->/g, '').replace(/<style[\s\S]*?<\/style>/gi, '')
  const syncs = [...body.matchAll(/<sync\b[^>]*?start\s*=\s*["']?(\d{1,12})[^>]*>([\s\S]*?)(?=<sync\b|<\/body|$)/gi)]
    .map(([, start = '', inner = '']) => ({ start: Number(start) / 1000, paragraphs: paragraphsOf(inner) }))
  const language = syncs.flatMap(({ paragraphs }) => paragraphs).find(({ text: said }) => said !== '')?.language
  const own = syncs.flatMap(({ start, paragraphs }) => {
    const said = paragraphs.filter((one) => one.language === language).map((one) => one.text)
    return said.length === 0 ? [] : [{ start, text: said.filter((one) => one !== '').join('\n') }]
  })
  return own.flatMap(({ start, text: said }, i) =>
    said === '' ? [] : [cue(start, own[i + 1]?.start ?? start + LAST_SECONDS, said, String(i + 1))]
  )
}

function paragraphsOf (inner: string): Array<{ language: string, text: string }> {
  const parts = inner.split(/(?=<p\b)/i).filter((part) => /<p\b/i.test(part) || part.trim() !== '')
  return parts.map((part) => {
    const language = /^<p\b[^>]*?class\s*=\s*["']?([\w-]+)/i.exec(part)?.[1]?.toLowerCase() ?? ''
    const said = part
      .replace(/^<p\b[^>]*>/i, '')
      .replace(/<\/p>|<\/sync>/gi, '')
      .replace(/\s+/g, ' ')
      .replace(/<br\s*\/?>/gi, '\n')
    return { language, text: said.replace(/&nbsp;?/gi, ' ').trim() }
  })
}
