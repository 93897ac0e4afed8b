/** The sounds of a text by the sign that stands for them in the rest of it. */
export type Sounds = ReadonlyMap<string, string>

const MOST_WORDS = 6
/**
 * Inside of round brackets much is said aloud, such as the (b) of a section: these alone are what
 * was heard beside words.
 */
const HEARD = /^(?:in|un)audible|^indiscernible|^(?:audience )?(?:applause|applauds|laughter|laughs?|laughing|cheer\w*|cough\w*|chuckl\w*|sigh\w*|boo\w*)\b|^music\b|\bmusic(?: playing)?$|^silence$|^pause$|^crosstalk|^cross talk|^gavel|^speaking \w+|^off[- ]mic|^no audio|^audio (?:cuts|out)|^clears? throat|^background noise|^bell|^beep|^foreign language|^blank_audio/i

/**
 * Takes out what a captioner heard and nobody said: `[MUSIC]`, `[Applause]`, `(inaudible)`. A sign
 * stands in its place, as a word of its own.
 */
export function takeSounds (text: string): { rest: string, sounds: Sounds } {
  const sounds = new Map<string, string>()
  const take = (whole: string, inner: string): string => {
    const said = inner.replace(/\s+/g, ' ').trim()
    if (said === '' || said.split(' ').length > MOST_WORDS) return whole
    const sign = `\ue000${sounds.size}\ue001`
    sounds.set(sign, said)
    return ` ${sign} `
  }
  const square = text.replace(/\[([^[\]]{1,120})\](?!:)/g, take)
  const rest = square.replace(/\(([^()]{1,120})\)/g, (whole: string, inner: string) =>
    HEARD.test(inner.trim()) ? take(whole, inner) : whole
  )
  return { rest, sounds }
}
