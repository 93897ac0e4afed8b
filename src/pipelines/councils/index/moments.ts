import type { Spoken } from './spoken.ts'

/** Where in a meeting something was said. Times are seconds from the begin of the video. */
export type Moment = {
  session_id: string
  session_index: number
  transcript_id: string
  sentence_index: number
  start_time: number
  end_time: number
  speaker: string | null
  text: string
  before: string | null
  after: string | null
  video_uri: string
  /** The video at this second. */
  link: string
}

/** The moments of lines that were said, each with the sentence before and behind it; neighbours are one moment. */
export function momentsOf (spoken: Spoken, lines: readonly number[], most: number): Moment[] {
  const taken = new Set<number>()
  const moments: Moment[] = []
  for (const line of lines) {
    if (moments.length === most) break
    if (line >= spoken.lines || taken.has(line - 1) || taken.has(line + 1)) continue
    taken.add(line)
    moments.push(momentAt(spoken, line))
  }
  return moments
}

function momentAt (spoken: Spoken, at: number): Moment {
  const { text, start, end, speaker, session, index } = spoken.line(at)
  const {
    session_id: sessionId,
    session_index: sessionIndex,
    video_uri: uri,
    transcript_id: transcriptId
  } = spoken.meeting.sessions[session] ?? { session_id: '', session_index: 0, video_uri: '', transcript_id: '' }
  const beside = (line: number): string | null =>
    line >= 0 && line < spoken.lines && spoken.line(line).session === session ? spoken.text(line) : null
  return {
    session_id: sessionId,
    session_index: sessionIndex,
    transcript_id: transcriptId,
    sentence_index: index,
    start_time: round(start),
    end_time: round(end),
    speaker,
    text,
    before: beside(at - 1),
    after: beside(at + 1),
    video_uri: uri,
    link: linkTo(uri, start)
  }
}

/** A media fragment, or what the pages of YouTube and Vimeo know instead. */
export function linkTo (uri: string, seconds: number): string {
  const at = Math.floor(seconds)
  if (!URL.canParse(uri)) return `${uri}#t=${at}`
  const url = new URL(uri)
  if (/(?:^|\.)(?:youtube\.com|youtu\.be)$/.test(url.hostname)) {
    url.searchParams.set('t', `${at}s`)
    return url.href
  }
  url.hash = /(?:^|\.)vimeo\.com$/.test(url.hostname) ? `t=${at}s` : `t=${at}`
  return url.href
}

/** The times of a file are of 32 bits: as many places as they have. */
const round = (seconds: number): number => Math.round(seconds * 1000) / 1000
