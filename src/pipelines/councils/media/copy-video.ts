import { extname, join } from 'node:path'
import { errors } from '../../../base/errors.ts'
import type { Inputs } from '../../../sdk/inputs/inputs.ts'
import { copyFile } from './copy-file.ts'
import { copyPlaylist } from './copy-playlist.ts'
import { runProgram } from './program.ts'

export type Downloader = { command: string[], hosts: string[] }

type Copy = {
  uri: string
  field: string
  inputs: Inputs
  downloader: Downloader | undefined
  folder: string
  maxBytes: number
  signal: AbortSignal
  timeoutMs: number
  progress: (bytes: number) => void
}

/** `isWhole`: it is what lies at its address, byte for byte. */
export type CopiedVideo = { path: string, isWhole: boolean }

/** Sites whose addresses are pages around a video. */
const pages = new Set([
  'youtube.com',
  'www.youtube.com',
  'm.youtube.com',
  'youtu.be',
  'vimeo.com',
  'www.vimeo.com',
  'player.vimeo.com'
])

/** Brings the video into the folder: a file, an HLS stream, or what the configured downloader makes of a page. */
export async function copyVideo (copy: Copy): Promise<CopiedVideo> {
  const { uri, field, inputs, downloader, folder, maxBytes, signal, progress } = copy
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (isWeb && downloader?.hosts.includes(url.hostname) === true) {
    return { path: await download(url, downloader, copy), isWhole: false }
  }
  if (isWeb && pages.has(url.hostname)) {
    throw errors.final(
      `${field} is a page of ${url.hostname}, and no downloader for it is configured (a block video_downloader, named by the parameter downloader)`
    )
  }
  if (suffixOf(uri) === '.m3u8') return { path: await copyPlaylist(copy), isWhole: false }
  const path = join(folder, `video${/^\.\w{1,5}$/.test(suffixOf(uri)) ? suffixOf(uri) : ''}`)
  const bytes = await copyFile(await inputs.open(uri, { field, signal }), path, { maxBytes, field, signal, progress })
  if (bytes === 0) throw errors.inputRefused(field, 'is an empty file')
  return { path, isWhole: true }
}

/** The end of the name of a file, `.mp4`, in lower case; empty where there is none. */
export const suffixOf = (uri: string): string =>
  extname(/^https?:/i.test(uri) && URL.canParse(uri) ? new URL(uri).pathname : uri).toLowerCase()

async function download (
  { href }: URL,
  { command: [name = '', ...first] }: Downloader,
  { folder, maxBytes, signal, timeoutMs }: Copy
): Promise<string> {
  const path = join(folder, 'download.mp4')
  const options = [
    '--no-playlist',
    '--no-progress',
    '--max-filesize',
    String(maxBytes),
    '--merge-output-format',
    'mp4'
  ]
  const args = [
    ...first,
    ...options,
    '-f',
    'best[ext=mp4]/bestvideo[ext=mp4]+bestaudio[ext=m4a]',
    '-o',
    path,
    '--',
    href
  ]
  await runProgram({ name, packages: 'yt-dlp' }, { args, folder, signal, timeoutMs })
  return path
}
