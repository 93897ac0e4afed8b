import { hoverThumbnail, staticThumbnail } from '../media/thumbnails.ts'
import { sessionFiles } from './files.ts'
import type { Video } from './video.ts'
import type { WorkWithFiles } from './work.ts'

/**
 * The addresses of both pictures: those given for the event, else those of the video. One that cannot be made is null.
 */
export async function keepThumbnails (
  { path, facts, contentHash }: Video,
  { params, store, folder, signal, kept, note }: WorkWithFiles
): Promise<{ static: string | null, hover: string | null }> {
  const names = sessionFiles(contentHash)
  const keep = async (given: string | null, name: string, make: typeof staticThumbnail): Promise<string | null> => {
    if (given !== null) return given
    if (!kept.has(name)) {
      if (facts.video === undefined) return null
      try {
        await kept.keep(name, await make({ path, facts, folder, signal }))
      } catch (error) {
        signal.throwIfAborted()
        note(`${name} was not made: ${(error as Error).message}`)
        return null
      }
    }
    return store.url(name)
  }
  return {
    static: await keep(params.static_thumbnail_uri, names.staticThumbnail, staticThumbnail),
    hover: await keep(params.hover_thumbnail_uri, names.hoverThumbnail, hoverThumbnail)
  }
}
