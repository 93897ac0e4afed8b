import type { Cue } from './cue.ts'
import { isSrt, readSrt } from './srt.ts'
import { isTtml, readTtml } from './ttml.ts'
import { isVtt, readVtt } from './vtt.ts'

export type Captions = { format: 'WebVTT' | 'SRT' | 'TTML', cues: Cue[] } | { problem: string }

/** What a caption file holds, judged by its content and never by its name. The problem is a sentence for people. */
export function readCaptions (bytes: Uint8Array): Captions {
  const text = decode(bytes)
  if (text.trim() === '') return { problem: 'it is empty' }
  if (isVtt(text)) return { format: 'WebVTT', cues: readVtt(text) }
  if (isTtml(text)) {
    try {
      return { format: 'TTML', cues: readTtml(text) }
    } catch (error) {
      return { problem: `it is not well-formed TTML: ${(error as Error).message}` }
    }
  }
  if (/^\s*<(?:!doctype\s+html|html)\b/i.test(text)) return { problem: 'it is a web page' }
  return isSrt(text) ? { format: 'SRT', cues: readSrt(text) } : { problem: 'it is neither WebVTT nor SRT nor TTML' }
}

/** UTF-8 or UTF-16 by its byte order mark; what is not UTF-8 is taken for Windows-1252, as old SRT files are. */
function decode (bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
