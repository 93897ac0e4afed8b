import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import type { ZlibOptions } from 'node:zlib'

/** A gzip file that is being written. Small writes are gathered. */
export interface GzipFile {
  /** A promise, if any, resolves when more may come. */
  write: (bytes: Uint8Array | string) => Promise<void> | undefined
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
  let block = Buffer.allocUnsafeSlow(gatheredBytes)
  let length = 0
  let drained: Promise<unknown> = Promise.resolve()

  /** Waits for the piece before, not for this one: it is compressed in another thread while the next is made ready. */
  async function flush (): Promise<void> {
    const bytes = block.subarray(0, length)
    block = Buffer.allocUnsafeSlow(gatheredBytes)
    length = 0
    await drained
    if (gzip.destroyed) await done
    else if (bytes.length > 0 && !gzip.write(bytes)) drained = once(gzip, 'drain')
    drained.catch(() => {})
  }

  async function writeLong (bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const taken = Math.min(bytes.length - from, gatheredBytes - length)
      block.set(bytes.subarray(from, from + taken), length)
      length += taken
      from += taken
      if (length === gatheredBytes) await flush()
    }
  }

  return {
    write: (given) => {
      const bytes = typeof given === 'string' ? Buffer.from(given) : given
      if (length + bytes.length >= gatheredBytes) return writeLong(bytes)
      block.set(bytes, length)
      length += bytes.length
      return undefined
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
