import { join, relative } from 'node:path'
import { runFfmpeg } from './ffmpeg.ts'
import type { MediaFacts } from './probe.ts'
import { FFMPEG, FFPROBE, ProgramFailure, runProgram } from './program.ts'
import { readingOptions } from './reading.ts'

/** Captions that a video holds itself, as a local WebVTT file. `name` is their kind: `mov_text`, `CEA-608`. */
export type EmbeddedCaptions = { name: string, path: string }

type Reading = { path: string, facts: MediaFacts, folder: string, signal: AbortSignal, timeoutMs: number }

/** Tracks of captions that are text. Those of DVDs and of television in Europe are pictures. */
const TEXT_CODECS: ReadonlySet<string> = new Set(['mov_text', 'subrip', 'webvtt', 'ass', 'ssa', 'text', 'eia_608'])
/** Where there are closed captions, all pictures carry them, be they empty. */
const LOOK_SECONDS = 20
const LOOK_MS = 600_000
/** The name of a file of ours, which needs no escape in the language of filters. */
const PLAIN = /^[\w./-]+$/

/** The tracks of captions, the default one first. One that ffmpeg cannot read is left out. */
export async function readCaptionTracks ({ path, facts, ...run }: Reading): Promise<EmbeddedCaptions[]> {
  const tracks = facts.subtitles.filter(({ codec }) => TEXT_CODECS.has(codec))
  const captions: EmbeddedCaptions[] = []
  for (const { codec, place } of tracks.sort((one, other) => Number(other.isDefault) - Number(one.isDefault))) {
    const file = join(run.folder, `captions-${place}.vtt`)
    const output = ['-map', `0:s:${place}`, '-f', 'webvtt', file]
    const isRead = await succeeds(run.signal, async () => await runFfmpeg({ inputs: [{ path }], output, ...run }))
    if (isRead) captions.push({ name: codec, path: file })
  }
  return captions
}

/** The closed captions (CEA-608) of the pictures; undefined where there are none. All pictures are decoded for them. */
export async function readClosedCaptions (reading: Reading): Promise<EmbeddedCaptions | undefined> {
  const { path, facts, folder, signal, timeoutMs } = reading
  const name = relative(folder, path)
  if (facts.video === undefined || !PLAIN.test(name) || !await hasClosedCaptions(reading)) return undefined
  const file = join(folder, 'closed-captions.vtt')
  // ffmpeg hands them out by this filter alone. The filter is told which of the containers the file is, as was found
  // before, so that it takes it for nothing that names other files.
  const [container = ''] = facts.format.split(',')
  const source = `movie=filename=${name}:f=${container}:format_opts=protocol_whitelist=file[out+subcc]`
  const args = ['-nostdin', '-hide_banner', '-y', '-f', 'lavfi', '-i', source, '-map', '0:s', '-f', 'webvtt', file]
  const isRead = await succeeds(signal, async () => await runProgram(FFMPEG, { args, folder, signal, timeoutMs }))
  return isRead ? { name: 'CEA-608', path: file } : undefined
}

async function hasClosedCaptions ({ path, folder, signal }: Reading): Promise<boolean> {
  let isThere = false
  const shown = ['-select_streams', 'v:0', '-show_entries', 'frame_side_data=side_data_type', '-of', 'csv=p=0']
  const args = ['-v', 'error', '-read_intervals', `%+${LOOK_SECONDS}`, ...shown, ...readingOptions(path)]
  const onLine = (line: string): void => { isThere ||= line.includes('Closed Captions') }
  await succeeds(signal, async () => await runProgram(FFPROBE, { args, folder, signal, timeoutMs: LOOK_MS, onLine }))
  return isThere
}

/** Captions that cannot be read are none; whoever is told to stop stops. */
async function succeeds (signal: AbortSignal, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ProgramFailure) return false
    throw error
  }
}
