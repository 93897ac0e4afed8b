import { join } from 'node:path'
import { errors } from '../../../base/errors.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { audioStream, type MediaFacts } from './probe.ts'

/** From where to where a video is kept, seconds; all of it where nothing is said. */
export type Trim = { start: number | null, end: number | null }

type Cut = {
  path: string
  facts: MediaFacts
  trim: Trim
  folder: string
  signal: AbortSignal
  timeoutMs: number
  progress: (seconds: number) => void
}

/** Seconds of `HH:MM:SS`, of which leading parts may be missing. */
export const clockSeconds = (text: string): number => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)

/**
 * The video as mp4, and of it what `trim` keeps; answers the new file. What fits into mp4 is copied
 * as it is, the rest is encoded anew. The same input gives the same bytes.
 */
export async function cutVideo ({
  path,
  facts,
  trim: { start, end },
  folder,
  signal,
  timeoutMs,
  progress
}: Cut): Promise<string> {
  const length = facts.seconds ?? Infinity
  if (start !== null && start >= length) {
    throw errors.final(`video_start_time is ${start} s, and the video ends at ${length.toFixed(1)} s`)
  }
  const output = join(folder, 'cut.mp4')
  const from = start === null ? [] : ['-ss', String(start)]
  const until = end === null ? [] : ['-to', String(end)]
  const made = [
    '-map',
    '0:v:0?',
    '-map',
    `${audioStream(facts)}?`,
    '-sn',
    '-dn',
    '-c:v',
    facts.video?.codec === 'h264' ? 'copy' : 'libx264',
    '-c:a',
    facts.audio?.codec === 'aac' ? 'copy' : 'aac',
    '-map_metadata',
    '-1',
    '-fflags',
    '+bitexact',
    '-movflags',
    '+faststart',
    output
  ]
  await runFfmpeg({
    inputs: [{ path, options: [...from, ...until] }],
    output: made,
    folder,
    signal,
    timeoutMs,
    progress
  })
  return output
}
