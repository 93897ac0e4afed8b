import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import type { ZlibOptions } from 'node:zlib'

/** A gzip file that is being written. Small writes are gathered; a promise resolves when more may come. */
export interface GzipFile {
  write: (bytes: Uint8Array | string) => Promise<void>
  /** Resolves when all is in the file. */
  close: () => Promise<void>
}

/**
 * For nucleotides: of repeats it looks for runs of one letter only. DNA has so few others within the reach of gzip that
 * looking for them takes most of the time, and what comes of it is mostly longer than the letters' own two bits.
 */
export const nucleotideCompression: ZlibOptions = { strategy: constants.Z_RLE, memLevel: 9 }

const operatingSystemByte = 9
const gatheredBytes = 256 * 1024

/**
 * Opens `path` for writing. The header tells neither time, name nor operating system (`255`, as Ensembl's own), so the
 * same content gives the same bytes on every machine with the same zlib.
 * Aborting `signal` ends it; what is in the file by then is for the caller to remove.
 */
export function openGzipFile (path: string, signal: AbortSignal, compression: ZlibOptions = {}): GzipFile {
  const gzip = createGzip({ chunkSize: 128 * 1024, ...compression })
  const done = pipeline(gzip, forgetSystem, createWriteStream(path, { flags: 'wx' }), { signal })
  // A failure is reported by the next write or by close.
  done.catch(() => {})
  let held: Uint8Array[] = []
  let heldBytes = 0
  let drained: Promise<unknown> = Promise.resolve()

  /** Waits for the piece before, not for this one: it is compressed in another thread while the next is made ready. */
  async function flush (): Promise<void> {
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held)
    held = []
    heldBytes = 0
    await drained
    if (gzip.destroyed) await done
    else if (bytes.length > 0 && !gzip.write(bytes)) drained = once(gzip, 'drain')
    drained.catch(() => {})
  }

  return {
    write: async (bytes) => {
      const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      held.push(buffer)
      heldBytes += buffer.length
      if (heldBytes >= gatheredBytes) await flush()
    },
    close: async () => {
      await flush()
      gzip.end()
      await done
    }
  }
}

async function * forgetSystem (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let position = 0
  for await (const chunk of source) {
    const at = operatingSystemByte - position
    if (at >= 0 && at < chunk.length) chunk[at] = 255
    position += chunk.length
    yield chunk
  }
}
