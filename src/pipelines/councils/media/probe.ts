import { errors } from '../../../base/errors.ts'
import { FFPROBE, ProgramFailure, runProgram } from './program.ts'

export type Stream = { codec: string, seconds: number | undefined }
/** What a media file holds. Lengths are what the file says of itself. */
export type MediaFacts = { format: string, seconds: number | undefined, video: (Stream & { width: number, height: number }) | undefined, audio: Stream | undefined }

type Raw = { format?: { format_name?: string, duration?: string }, streams?: Array<{ codec_type?: string, codec_name?: string, width?: number, height?: number, duration?: string, disposition?: { attached_pic?: number } }> }

const TIMEOUT_MS = 120_000

/** @throws FINAL where the file is no media file that can be read */
export async function probe (path: string, folder: string, signal: AbortSignal): Promise<MediaFacts> {
  const args = ['-v', 'error', '-protocol_whitelist', 'file,pipe,crypto,data', '-print_format', 'json', '-show_format', '-show_streams', path]
  const { stdout } = await runProgram(FFPROBE, { args, folder, signal, timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
    if (!(error instanceof ProgramFailure)) throw error
    const said = error.said.trim().split('\n').map((line) => line.replace(/^\[[^\]]*\] /, '').replace(`${path}: `, '')).join('; ').slice(0, 300)
    throw errors.final(`the video cannot be read, it is damaged or no video: ${said}`)
  })
  const { format = {}, streams = [] } = JSON.parse(stdout) as Raw
  const video = streams.find(({ codec_type: type, disposition }) => type === 'video' && disposition?.attached_pic !== 1)
  const audio = streams.find(({ codec_type: type }) => type === 'audio')
  const seconds = (text: string | undefined): number | undefined => Number(text) > 0 ? Number(text) : undefined
  return {
    format: format.format_name ?? '',
    seconds: seconds(format.duration),
    video: video === undefined ? undefined : { codec: video.codec_name ?? '', seconds: seconds(video.duration), width: video.width ?? 0, height: video.height ?? 0 },
    audio: audio === undefined ? undefined : { codec: audio.codec_name ?? '', seconds: seconds(audio.duration) }
  }
}
