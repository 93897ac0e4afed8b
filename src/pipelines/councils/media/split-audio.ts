import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runFfmpeg } from './ffmpeg.ts'
import { audioStream, type MediaFacts } from './probe.ts'

/** Local files: the audio as 16 kHz mono WAV (pcm_s16le), and what ffmpeg said on its way there. */
export type AudioFiles = { wav: string, out: string, err: string }

type Split = {
  path: string
  facts: MediaFacts
  folder: string
  signal: AbortSignal
  timeoutMs: number
  progress: (seconds: number) => void
}

export async function splitAudio ({ path, facts, folder, signal, timeoutMs, progress }: Split): Promise<AudioFiles> {
  const files = { wav: join(folder, 'audio.wav'), out: join(folder, 'audio.out'), err: join(folder, 'audio.err') }
  const sound = ['-map', audioStream(facts), '-vn', '-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le']
  const output = [...sound, '-fflags', '+bitexact', '-f', 'wav', files.wav]
  const { stdout, stderr } = await runFfmpeg({ inputs: [{ path }], output, folder, signal, timeoutMs, progress })
  await Promise.all([writeFile(files.out, stdout), writeFile(files.err, stderr)])
  return files
}
