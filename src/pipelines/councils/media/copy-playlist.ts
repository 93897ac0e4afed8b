import { writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { errors } from '../../../base/errors.ts'
import type { Inputs } from '../../../sdk/inputs/inputs.ts'
import { copyFile } from './copy-file.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { readPlaylist, type Playlist } from './playlist.ts'

type Copy = { uri: string, field: string, inputs: Inputs, folder: string, maxBytes: number, signal: AbortSignal, timeoutMs: number, progress: (bytes: number) => void }

const MAX_PLAYLIST = 16 * 1024 * 1024
const extensions = new Set(['.ts', '.aac', '.mp4', '.m4s', '.m4a', '.m4v', '.mp3'])

/**
 * Downloads an HLS stream and puts it into one mp4 file, whose path it answers. Every piece is fetched by the rules for
 * inputs: ffmpeg sees files of the job's folder only.
 */
export async function copyPlaylist (copy: Copy): Promise<string> {
  const { folder, signal, timeoutMs } = copy
  const base = /^https?:/i.test(copy.uri) ? new URL(copy.uri) : pathToFileURL(copy.uri.replace(/^file:\/\//i, ''))
  const budget = { left: copy.maxBytes }
  const first = await fetchPlaylist(base, copy)
  const at = (uri: string): URL => resolveUri(uri, base, copy.field)
  const sources = first.kind === 'media'
    ? [{ url: base, playlist: first }]
    : await Promise.all([first.video, first.audio].filter((uri) => uri !== undefined).map(async (uri) => ({ url: at(uri), playlist: await fetchPlaylist(at(uri), copy) })))
  const files: string[] = []
  for (const [i, { url, playlist }] of sources.entries()) {
    if (playlist.kind !== 'media') throw errors.inputRefused(copy.field, 'is a playlist of playlists of playlists')
    files.push(await localCopy(playlist, url, `stream${i}`, copy, budget))
  }
  const output = join(folder, 'stream.mp4')
  const audio = files.length > 1 ? '1:a:0' : '0:a:0?'
  const args = [...files.flatMap((file) => ['-allowed_extensions', 'ALL', '-i', file]), '-map', '0:v:0?', '-map', audio, '-c', 'copy', '-map_metadata', '-1', '-fflags', '+bitexact', '-movflags', '+faststart', output]
  await runFfmpeg({ args, folder, signal, timeoutMs })
  return output
}

async function fetchPlaylist (url: URL, { field, inputs, signal }: Copy): Promise<Playlist> {
  let bytes = 0
  const source = await inputs.open(url.href, { field, signal })
  async function * limited (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > MAX_PLAYLIST) throw errors.inputRefused(field, `is a playlist of more than ${MAX_PLAYLIST} bytes`)
      yield chunk
    }
  }
  return readPlaylist(await text(Readable.from(limited())), field)
}

/** The pieces of a playlist in the folder, each once, and a playlist of them. */
async function localCopy ({ lines }: Extract<Playlist, { kind: 'media' }>, base: URL, stem: string, { field, inputs, folder, signal, progress, maxBytes }: Copy, budget: { left: number }): Promise<string> {
  const names = new Map<string, string>()
  const written: string[] = []
  for (const line of lines) {
    if ('text' in line) {
      written.push(line.text)
      continue
    }
    const url = resolveUri(line.uri, base, field)
    let name = names.get(url.href)
    if (name === undefined) {
      const extension = extname(url.pathname).toLowerCase()
      name = `${stem}-${names.size}${extensions.has(extension) ? extension : '.ts'}`
      names.set(url.href, name)
      const before = maxBytes - budget.left
      budget.left -= await copyFile(await inputs.open(url.href, { field, signal }), join(folder, name), { maxBytes: budget.left, field, signal, progress: (bytes) => { progress(before + bytes) } })
    }
    written.push(line.rename(name))
  }
  const file = join(folder, `${stem}.m3u8`)
  await writeFile(file, `${written.join('\n')}\n`)
  return file
}

/** What comes from the network leads to the network only. */
function resolveUri (uri: string, base: URL, field: string): URL {
  if (!URL.canParse(uri, base.href)) throw errors.inputRefused(field, 'is a playlist with an address that is none')
  const url = new URL(uri, base.href)
  if (base.protocol !== 'file:' && url.protocol !== 'http:' && url.protocol !== 'https:') throw errors.inputRefused(field, `is a playlist that leads to a ${url.protocol} address`)
  return url
}
