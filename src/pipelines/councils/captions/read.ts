import { isAss, readAss } from './ass.ts'
import type { Cue } from './cue.ts'
import { decodeText } from './decode-text.ts'
import { isMicrodvd, readMicrodvd } from './microdvd.ts'
import { isSami, readSami } from './sami.ts'
import { isSbv, readSbv } from './sbv.ts'
import { isScc, readScc } from './scc.ts'
import { isSrt, readSrt } from './srt.ts'
import { isTtml, readTtml } from './ttml.ts'
import { isVtt, readVtt } from './vtt.ts'
import { isJson3, isYoutubeXml, readJson3, readYoutubeXml } from './youtube.ts'

export type CaptionFormat =
  'WebVTT' | 'SRT' | 'TTML' | 'SubViewer' | 'SCC' | 'SAMI' | 'SubStation Alpha' | 'MicroDVD' | 'YouTube'
export type Captions = { format: CaptionFormat, cues: Cue[] } | { problem: string }

type Format = { format: CaptionFormat, is: (text: string) => boolean, read: (text: string) => Cue[] | undefined }

/** In the order in which a text is tried: those that say what they are before those that are known by their lines. */
const FORMATS: readonly Format[] = [
  { format: 'WebVTT', is: isVtt, read: readVtt },
  { format: 'SCC', is: isScc, read: readScc },
  { format: 'YouTube', is: isJson3, read: readJson3 },
  { format: 'YouTube', is: isYoutubeXml, read: readYoutubeXml },
  { format: 'TTML', is: isTtml, read: readTtml },
  { format: 'SAMI', is: isSami, read: readSami },
  { format: 'SubStation Alpha', is: isAss, read: readAss },
  { format: 'MicroDVD', is: isMicrodvd, read: readMicrodvd },
  { format: 'SRT', is: isSrt, read: readSrt },
  { format: 'SubViewer', is: isSbv, read: readSbv }
]

/** What a caption file holds, judged by its content and never by its name. The problem is a sentence for people. */
export function readCaptions (bytes: Uint8Array): Captions {
  const text = decodeText(bytes)
  if (text.trim() === '') return { problem: 'it is empty' }
  if (/^\s*<(?:!doctype\s+html|html)\b/i.test(text)) return { problem: 'it is a web page' }
  for (const { format, is, read } of FORMATS) {
    if (!is(text)) continue
    try {
      const cues = read(text)
      if (cues !== undefined) return { format, cues }
    } catch (error) {
      return { problem: `it is not well-formed ${format}: ${(error as Error).message}` }
    }
  }
  return { problem: 'it is neither WebVTT nor SRT nor TTML, nor any other kind of captions that is known' }
}
