import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { errors } from '../../../base/errors.ts'
import type { Inputs } from '../../../sdk/inputs/inputs.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { joinPieces } from './join-pieces.ts'
import { readPlaylist, type Playlist } from './playlist.ts'

type Copy = {
  uri: string
  field: string
  inputs: Inputs
  folder: string
  maxBytes: number
  signal: AbortSignal
  timeoutMs: number
  progress: (bytes: number) => void
}

const MAX_PLAYLIST = 16 * 1024 * 1024

/**
 * Downloads an HLS stream and puts it into one mp4 file, whose path it answers. Every piece is fetched by the rules for
 * inputs and put behind the one before it: ffmpeg is given the whole of them as one container, and never a playlist.
 */
export async function copyPlaylist (copy: Copy): Promise<string> {
  const { folder, signal, timeoutMs } = copy
  const base = /^https?:/i.test(copy.uri) ? new URL(copy.uri) : pathToFileURL(copy.uri.replace(/^file:\/\//i, ''))
  const budget = { left: copy.maxBytes }
  const files: string[] = []
  for (const [i, { url, playlist }] of (await streamsOf(base, copy)).entries()) {
    const resolve = (uri: string): string => resolveUri(uri, url, copy.field).href
    files.push(await joinPieces(playlist.pieces, `stream${i}`, { ...copy, resolve, budget }))
  }
  const path = join(folder, 'stream.mp4')
  const tracks = ['-map', '0:v:0?', '-map', files.length > 1 ? '1:a:0' : '0:a:0?', '-c', 'copy']
  const output = [...tracks, '-map_metadata', '-1', '-fflags', '+bitexact', '-movflags', '+faststart', path]
  await runFfmpeg({ inputs: files.map((file) => ({ path: file })), output, folder, signal, timeoutMs })
  return path
}

type MediaPlaylist = Extract<Playlist, { kind: 'media' }>

/** The picture with its sound, or the picture and behind it the sound. */
async function streamsOf (base: URL, copy: Copy): Promise<Array<{ url: URL, playlist: MediaPlaylist }>> {
  const first = await fetchPlaylist(base, copy)
  if (first.kind === 'media') return [{ url: base, playlist: first }]
  const uris = [first.video, first.audio].filter((uri) => uri !== undefined)
  return await Promise.all(uris.map(async (uri) => {
    const url = resolveUri(uri, base, copy.field)
    const playlist = await fetchPlaylist(url, copy)
    if (playlist.kind !== 'media') throw errors.inputRefused(copy.field, 'is a playlist of playlists of playlists')
    return { url, playlist }
  }))
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

/** What comes from the network leads to the network only. */
function resolveUri (uri: string, base: URL, field: string): URL {
  if (!URL.canParse(uri, base.href)) throw errors.inputRefused(field, 'is a playlist with an address that is none')
  const url = new URL(uri, base.href)
  if (base.protocol !== 'file:' && url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw errors.inputRefused(field, `is a playlist that leads to a ${url.protocol} address`)
  }
  return url
}
