import { runFfmpeg } from './ffmpeg.ts'
import type { AudioStream, MediaFacts } from './probe.ts'

/** A track whose loudest sample is below this, dB of full scale, has no sound in it. */
const SILENT_DB = -60
const TIMEOUT_MS = 3_600_000

type Listen = { path: string, folder: string, signal: AbortSignal }

/**
 * The facts with the track of sound that is meant: of several the one that the file calls its default, if anything is
 * to be heard in it, else the first in which something is. `note` says which one was taken, where there was a choice.
 */
export async function chooseTrack (
  facts: MediaFacts,
  listen: Listen
): Promise<{ facts: MediaFacts, note: string | undefined }> {
  const { audios } = facts
  if (audios.length < 2) return { facts, note: undefined }
  const byDefault = [...audios].sort((one, other) => Number(other.isDefault) - Number(one.isDefault))
  for (const audio of byDefault) {
    if ((await loudest(audio, listen)) < SILENT_DB) continue
    return {
      facts: { ...facts, audio },
      note: `of ${audios.length} tracks of sound number ${audio.place + 1} was taken`
    }
  }
  return { facts, note: `nothing is to be heard in any of the ${audios.length} tracks of sound` }
}

async function loudest ({ place }: AudioStream, { path, folder, signal }: Listen): Promise<number> {
  let most = -Infinity
  const onLine = (line: string): void => {
    const found = /max_volume: (-?\d+(?:\.\d+)?) dB/.exec(line)?.[1]
    if (found !== undefined) most = Number(found)
  }
  const output = ['-map', `0:a:${place}`, '-af', 'volumedetect', '-f', 'null', '-']
  await runFfmpeg({ inputs: [{ path }], output, folder, signal, timeoutMs: TIMEOUT_MS, onLine })
  return most
}
