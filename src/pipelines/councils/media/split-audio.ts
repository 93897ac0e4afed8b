import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runFfmpeg } from './ffmpeg.ts'

/** Local files: the audio as 16 kHz mono WAV (pcm_s16le), and what ffmpeg said on its way there. */
export type AudioFiles = { wav: string, out: string, err: string }

type Split = { path: string, folder: string, signal: AbortSignal, timeoutMs: number, progress: (seconds: number) => void }

export async function splitAudio ({ path, folder, signal, timeoutMs, progress }: Split): Promise<AudioFiles> {
  const files = { wav: join(folder, 'audio.wav'), out: join(folder, 'audio.out'), err: join(folder, 'audio.err') }
  const args = ['-i', path, '-map', '0:a:0', '-vn', '-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le', '-fflags', '+bitexact', '-f', 'wav', files.wav]
  const { stdout, stderr } = await runFfmpeg({ args, folder, signal, timeoutMs, progress })
  await Promise.all([writeFile(files.out, stdout), writeFile(files.err, stderr)])
  return files
}
