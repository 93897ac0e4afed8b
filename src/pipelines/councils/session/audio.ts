import { join } from 'node:path'
import { copyFile } from '../media/copy-file.ts'
import { splitAudio } from '../media/split-audio.ts'
import { openWav, type Wav } from '../speech/wav.ts'
import { sessionFiles } from './files.ts'
import { FFMPEG_MS, refuseTruncated, type Video } from './video.ts'
import type { WorkWithFiles } from './work.ts'

/** The sound of a session: its name in the store, and the local file, fetched only when somebody listens. */
export type Audio = { name: string, seconds: number | undefined, open: () => Promise<Wav> }

/** Undefined where the video has no sound. Split once for a video; what ffmpeg said is stored beside it. */
export async function keepAudio (
  { path, facts, contentHash }: Video,
  { store, folder, signal, kept, report }: WorkWithFiles
): Promise<Audio | undefined> {
  const names = sessionFiles(contentHash)
  const local = join(folder, 'stored.wav')
  if (kept.has(names.audio)) {
    return {
      name: names.audio,
      seconds: facts.audio?.seconds ?? facts.seconds,
      open: async () => {
        await copyFile(store.read(names.audio), local, {
          maxBytes: Number.MAX_SAFE_INTEGER,
          field: names.audio,
          signal
        })
        return await openWav(local)
      }
    }
  }
  if (facts.audio === undefined) return undefined
  const length = facts.audio.seconds ?? facts.seconds
  const progress = (seconds: number): void => {
    report('audio split', seconds / (length ?? Infinity))
  }
  const { wav: file, out, err } = await splitAudio({ path, facts, folder, signal, timeoutMs: FFMPEG_MS, progress })
  const wav = await openWav(file)
  refuseTruncated('sound', wav.seconds, length)
  await kept.keep(names.audioOut, out)
  await kept.keep(names.audioErr, err)
  // Last, because it is what the next run looks for.
  await kept.keep(names.audio, file)
  return { name: names.audio, seconds: wav.seconds, open: async () => wav }
}
