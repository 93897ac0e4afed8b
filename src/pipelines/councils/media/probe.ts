import { errors } from '../../../base/errors.ts'
import { FFPROBE, ProgramFailure, runProgram } from './program.ts'
import { readingOptions } from './reading.ts'

export type Stream = { codec: string, seconds: number | undefined }
/** A track of sound; `place` is its number among those of sound. */
export type AudioStream = Stream & { place: number, isDefault: boolean }
/** A track of captions; `place` is its number among those. */
export type CaptionStream = { codec: string, place: number, isDefault: boolean }
/** What a media file holds. Lengths are what the file says of itself. */
export type MediaFacts = {
  format: string
  seconds: number | undefined
  video: (Stream & { width: number, height: number }) | undefined
  /** The track that is listened to: the first, until another is chosen. */
  audio: AudioStream | undefined
  audios: AudioStream[]
  /** In their order. */
  subtitles: CaptionStream[]
}

type RawStream = {
  codec_type?: string
  codec_name?: string
  width?: number
  height?: number
  duration?: string
  disposition?: { attached_pic?: number, default?: number }
}
type Raw = { format?: { format_name?: string, duration?: string }, streams?: RawStream[] }

const TIMEOUT_MS = 120_000

/** @throws FINAL where the file is no media file that can be read */
export async function probe (path: string, folder: string, signal: AbortSignal): Promise<MediaFacts> {
  const args = ['-v', 'error', '-print_format', 'json', '-show_format', '-show_streams', ...readingOptions(path)]
  const { stdout } = await runProgram(FFPROBE, { args, folder, reads: [path], signal, timeoutMs: TIMEOUT_MS }).catch(
    (error: unknown) => {
      if (!(error instanceof ProgramFailure)) throw error
      throw errors.final(`the video cannot be read, it is damaged or no video: ${plainReason(error.said, path)}`)
    }
  )
  const { format = {}, streams = [] } = JSON.parse(stdout) as Raw
  const video = streams.find(({ codec_type: type, disposition }) => type === 'video' && disposition?.attached_pic !== 1)
  const audios = streams.filter(({ codec_type: type }) => type === 'audio').map(readAudio)
  return {
    format: format.format_name ?? '',
    seconds: seconds(format.duration),
    video: video === undefined ? undefined : readVideo(video),
    audio: audios[0],
    audios,
    subtitles: streams.filter(({ codec_type: type }) => type === 'subtitle').map(readSubtitles)
  }
}

/** How ffmpeg names the track that is listened to. */
export const audioStream = ({ audio }: MediaFacts): string => `0:a:${audio?.place ?? 0}`

function readVideo ({ codec_name: codec = '', duration, width = 0, height = 0 }: RawStream): MediaFacts['video'] {
  return { codec, seconds: seconds(duration), width, height }
}

function readSubtitles ({ codec_name: codec = '', disposition }: RawStream, place: number): CaptionStream {
  return { codec, place, isDefault: disposition?.default === 1 }
}

function readAudio ({ codec_name: codec = '', duration, disposition }: RawStream, place: number): AudioStream {
  return { codec, seconds: seconds(duration), place, isDefault: disposition?.default === 1 }
}

const seconds = (text: string | undefined): number | undefined => Number(text) > 0 ? Number(text) : undefined

/** What ffprobe says, without addresses in memory and names of our files. */
function plainReason (said: string, path: string): string {
  const lines = said
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replace(/^\[[^\]]*\] /, '')
        .replace(`file:${path}: `, '')
        .replace(`${path}: `, '')
    )
  return lines
    .join('; ')
    .replace(/Format not on whitelist '[^']*'/, 'its format is none of the containers that are read')
    .slice(0, 300)
}
