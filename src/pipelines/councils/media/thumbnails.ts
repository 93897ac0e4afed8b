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
  await runFfmpeg({ args: ['-ss', String(at), '-i', path, '-map', '0:v:0', '-frames:v', '1', '-vf', FIT, '-fflags', '+bitexact', output], folder, signal, timeoutMs: TIMEOUT_MS })
  return output
}

/** Ten frames, evenly spaced over the whole video, as a GIF of six seconds within 960x540. A video may end before it says so: then they are fewer. */
export async function hoverThumbnail ({ path, facts, folder, signal }: Look): Promise<string> {
  const length = lengthOf(facts)
  const count = length > 0 ? FRAMES : 1
  const inputs = Array.from({ length: count }, (_, i) => ['-threads', '1', '-ss', String(length * (i + 0.5) / count), '-t', '2', '-i', path])
  const frames = inputs.map((_, i) => `[${i}:v:0]trim=end_frame=1,setpts=PTS-STARTPTS,${FIT},setsar=1[f${i}];`)
  const output = join(folder, 'hover.gif')
  const filter = `${frames.join('')}${inputs.map((_, i) => `[f${i}]`).join('')}concat=n=${count}:v=1:a=0,settb=1/10,setpts=N*${HOVER_SECONDS * 10 / FRAMES},split[a][b];[a]palettegen[p];[b][p]paletteuse`
  await runFfmpeg({ args: [...inputs.flat(), '-filter_complex', filter, '-r', `${FRAMES}/${HOVER_SECONDS}`, '-fflags', '+bitexact', '-loop', '0', output], folder, signal, timeoutMs: TIMEOUT_MS })
  return output
}

const lengthOf = ({ video, seconds }: MediaFacts): number => video?.seconds ?? seconds ?? 0
