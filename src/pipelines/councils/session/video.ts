import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { videoDownloader } from '../blocks/video_downloader.ts'
import { formatDuration } from '../../../base/duration.ts'
import { errors } from '../../../base/errors.ts'
import { retry } from '../../../base/retry.ts'
import { hashFile } from '../media/copy-file.ts'
import { copyVideo, suffixOf, type CopiedVideo } from '../media/copy-video.ts'
import { clockSeconds, cutVideo, type Trim } from '../media/cut-video.ts'
import { readCaptionTracks, type EmbeddedCaptions } from '../media/embedded-captions.ts'
import { probe, type MediaFacts } from '../media/probe.ts'
import { chooseTrack } from '../media/tracks.ts'
import type { Work } from './work.ts'

export type Video = {
  path: string
  facts: MediaFacts
  trim: Trim
  bytes: number
  /** SHA-256 of the file as it is now. */
  contentHash: string
  /** It is not what lies at the address of the session. */
  isChanged: boolean
  /** Its tracks of captions, which tell the time of the whole video. */
  tracks: EmbeddedCaptions[]
}

/** Longest run of ffmpeg. */
export const FFMPEG_MS = 12 * 3_600_000
const shownAsIs = new Set(['.mp4', '.webm', '.m3u8'])

/**
 * The video of the session in the job's folder: copied, made into mp4 where it is something else,
 * cut where times are given.
 */
export async function prepareVideo (work: Work): Promise<Video> {
  const { params: { session }, folder, signal } = work
  const trim: Trim = { start: toSeconds(session.video_start_time), end: toSeconds(session.video_end_time) }
  const copied = await copy(work)
  const probed = await probe(copied.path, folder, signal)
  if (probed.video === undefined && probed.audio === undefined) {
    throw errors.final(`session/video_uri has neither a picture nor sound (${probed.format})`)
  }
  const { facts: source, note } = await chooseTrack(probed, { path: copied.path, folder, signal })
  if (note !== undefined) work.note(note)
  const tracks = await readCaptionTracks({ path: copied.path, facts: source, folder, signal, timeoutMs: FFMPEG_MS })
  const isCut = trim.start !== null || trim.end !== null
  const isMade = copied.isWhole && !shownAsIs.has(suffixOf(session.video_uri))
  const { path, facts } =
    isCut || isMade ? await remake(copied.path, source, trim, work) : { path: copied.path, facts: source }
  const isChanged = path !== copied.path || !copied.isWhole
  const contentHash = await hashFile(path, signal)
  return { path, facts, trim, bytes: (await stat(path)).size, contentHash, isChanged, tracks }
}

/** Another file, with the track of sound that was chosen alone. */
async function remake (
  copied: string,
  source: MediaFacts,
  trim: Trim,
  { folder, signal, report }: Work
): Promise<{ path: string, facts: MediaFacts }> {
  const progress = (seconds: number): void => {
    report('video cut', seconds / (source.seconds ?? Infinity))
  }
  const path = await cutVideo({ path: copied, facts: source, trim, folder, signal, timeoutMs: FFMPEG_MS, progress })
  await rm(copied)
  const facts = await probe(path, folder, signal)
  refuseTruncated('video', facts.seconds ?? 0, expected(source, trim))
  return { path, facts }
}

/** A file that says more of itself than it holds was cut off on its way. @throws FINAL */
export function refuseTruncated (what: string, seconds: number, said: number | undefined): void {
  if (said === undefined || seconds >= said * 0.9 - 0.5) return
  throw errors.final(
    `the video is cut off: its ${what} ends at ${seconds.toFixed(1)} s, and it says that there are ${said.toFixed(1)} s`
  )
}

async function copy ({ params, inputs, block, folder, signal, log, pauses, report }: Work): Promise<CopiedVideo> {
  const { session: { video_uri: uri }, max_video_bytes: maxBytes = Number.MAX_SAFE_INTEGER } = params
  const downloader = params.downloader === undefined ? undefined : await block(videoDownloader, params.downloader)
  let attempt = 0
  const started = performance.now()
  const copied = await retry(async () => {
    // What an attempt that broke off has left is not in the way of the next one.
    await rm(join(folder, `copy-${attempt}`), { recursive: true, force: true })
    const own = join(folder, `copy-${++attempt}`)
    await mkdir(own)
    const progress = (bytes: number): void => { report('video copied', bytes / (bytes + 1e9)) }
    return await copyVideo({
      uri,
      field: 'session/video_uri',
      inputs,
      downloader,
      folder: own,
      maxBytes,
      signal,
      timeoutMs: FFMPEG_MS,
      progress
    })
  }, { tries: 3, delays: [pauses.video], signal, log })
  log(`video copied in ${formatDuration(performance.now() - started)}`)
  return copied
}

function expected ({ seconds }: MediaFacts, { start, end }: Trim): number | undefined {
  return seconds === undefined ? undefined : Math.min(seconds, end ?? seconds) - (start ?? 0)
}

const toSeconds = (clock: string | null): number | null => clock === null ? null : clockSeconds(clock)
