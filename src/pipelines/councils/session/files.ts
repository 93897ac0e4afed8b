import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import type { Store } from '../../../sdk/store/open.ts'

/** The rules by which transcripts are made; another version makes them anew. */
const VERSION = '1.0.0'

/** The names in the store of what belongs to a video, which its content hash begins. */
export const sessionFiles = (contentHash: string) => ({
  audio: `${contentHash}-audio.wav`,
  audioOut: `${contentHash}-audio.out`,
  audioErr: `${contentHash}-audio.err`,
  staticThumbnail: `${contentHash}-static-thumbnail.png`,
  hoverThumbnail: `${contentHash}-hover-thumbnail.gif`,
  video: (path: string) => `${contentHash}-video${extname(path)}`,
  /** One for each way to a transcript: other captions, another engine or another model make another one. */
  transcript: (source: 'captions' | 'speech' | 'correction', madeOf: string) =>
    `${contentHash}-cdp_${VERSION.replaceAll('.', '_')}-${source}_${createHash('sha256').update(madeOf).digest('hex').slice(0, 12)}-transcript.json`
})

export type KeptFiles = {
  has: (name: string) => boolean
  /** Puts a local file into the store, unless it is there. */
  keep: (name: string, path: string) => Promise<void>
}

/** The files in the store as they were when this was asked; with `force` none of them counts. */
export async function openKeptFiles (store: Store, force: boolean, signal: AbortSignal): Promise<KeptFiles> {
  const names = new Set(force ? [] : await store.list(''))
  return {
    has: (name) => names.has(name),
    keep: async (name, path) => {
      if (names.has(name)) return
      await store.write(name, createReadStream(path, { highWaterMark: 256 * 1024 }), signal)
      names.add(name)
    }
  }
}
