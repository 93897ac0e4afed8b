import { access } from 'node:fs/promises'
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
  await frame(path, lengthOf(facts) > STATIC_AT ? STATIC_AT : 0, output, folder, signal)
  return output
}

/** Ten frames, evenly spaced over the whole video, as a GIF of six seconds within 960x540. */
export async function hoverThumbnail ({ path, facts, folder, signal }: Look): Promise<string> {
  const length = lengthOf(facts)
  const wanted = length > 0 ? FRAMES : 1
  let count = 0
  for (let i = 0; i < wanted; i++) {
    const file = join(folder, `hover-${count}.png`)
    // A video may end before it says so: then there is no frame, and no failure.
    await frame(path, length * (i + 0.5) / wanted, file, folder, signal)
    if (await access(file).then(() => true, () => false)) count++
  }
  const output = join(folder, 'hover.gif')
  const args = ['-framerate', `${count}/${HOVER_SECONDS}`, '-i', join(folder, 'hover-%d.png'), '-filter_complex', 'split[a][b];[a]palettegen[p];[b][p]paletteuse', '-fflags', '+bitexact', '-loop', '0', output]
  await runFfmpeg({ args, folder, signal, timeoutMs: TIMEOUT_MS })
  return output
}

const lengthOf = ({ video, seconds }: MediaFacts): number => video?.seconds ?? seconds ?? 0

async function frame (path: string, at: number, output: string, folder: string, signal: AbortSignal): Promise<void> {
  await runFfmpeg({ args: ['-ss', String(at), '-i', path, '-map', '0:v:0', '-frames:v', '1', '-vf', FIT, '-fflags', '+bitexact', output], folder, signal, timeoutMs: TIMEOUT_MS })
}
