import { join } from 'node:path'
import { runFfmpeg } from './ffmpeg.ts'
import type { MediaFacts } from './probe.ts'

type Look = { path: string, facts: MediaFacts, folder: string, signal: AbortSignal }

const FIT = "scale=w='min(iw,960)':h='min(ih,540)':force_original_aspect_ratio=decrease"
const STATIC_AT = 30
const FRAMES = 10
const HOVER_SECONDS = 6
const TIMEOUT_MS = 600_000

/** The frame at 30 s, or the first one of a shorter video, as PNG within 960x540. */
export async function staticThumbnail ({ path, facts, folder, signal }: Look): Promise<string> {
  const output = join(folder, 'static.png')
  const at = lengthOf(facts) > STATIC_AT ? STATIC_AT : 0
  await runFfmpeg({
    inputs: [{ path, options: ['-ss', String(at)] }],
    output: ['-map', '0:v:0', '-frames:v', '1', '-vf', FIT, '-fflags', '+bitexact', output],
    folder,
    signal,
    timeoutMs: TIMEOUT_MS
  })
  return output
}

/**
 * Ten frames, evenly spaced, as a GIF of six seconds within 960x540. A video may end before it says
 * so: then they are fewer.
 */
export async function hoverThumbnail ({ path, facts, folder, signal }: Look): Promise<string> {
  const length = lengthOf(facts)
  const places = Array.from({ length: length > 0 ? FRAMES : 1 }, (_, i) => length * (i + 0.5) / FRAMES)
  const output = join(folder, 'hover.gif')
  await runFfmpeg({
    inputs: places.map((at) => ({ path, options: ['-threads', '1', '-ss', String(at), '-t', '2'] })),
    output: [
      '-filter_complex',
      hoverFilter(places.length),
      '-r',
      `${FRAMES}/${HOVER_SECONDS}`,
      '-fflags',
      '+bitexact',
      '-loop',
      '0',
      output
    ],
    folder,
    signal,
    timeoutMs: TIMEOUT_MS
  })
  return output
}

/** The first frame of each input, one after the other, in the colours that they have in common. */
function hoverFilter (count: number): string {
  const names = Array.from({ length: count }, (_, i) => `[f${i}]`)
  const frames = names.map((name, i) => `[${i}:v:0]trim=end_frame=1,setpts=PTS-STARTPTS,${FIT},setsar=1${name};`)
  const pace = `settb=1/10,setpts=N*${HOVER_SECONDS * 10 / FRAMES}`
  return `${frames.join('')}${names.join('')}concat=n=${count}:v=1:a=0,${pace},split[a][b];[a]palettegen[p];[b][p]paletteuse`
}

const lengthOf = ({ video, seconds }: MediaFacts): number => video?.seconds ?? seconds ?? 0
