import { Readable, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { errors } from '../../base/errors.ts'

type Limits = { field: string, maxBytes: number }

/**
 * `source` as it is, or decompressed where it begins with the two magic bytes of gzip; several members read as one.
 * No more than `maxBytes` pass, before and after decompression.
 *
 * @throws INPUT_REFUSED past the limit or where the gzip is damaged.
 */
export async function * readMaybeGzip (
  source: AsyncIterable<Uint8Array>,
  { field, maxBytes }: Limits
): AsyncGenerator<Uint8Array> {
  const { head, chunks } = await peek(limited(source, { field, maxBytes }))
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield * chunks
    return
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 })
  // The callback is there because a stream without one throws; the loop below sees the error.
  pipeline(Readable.from(chunks), gunzip, () => {})
  try {
    yield * limited(gunzip, { field, maxBytes })
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error
    throw errors.inputRefused(field, `is not whole gzip: ${(error as Error).message}`)
  } finally {
    gunzip.destroy()
  }
}

async function * limited (source: AsyncIterable<Uint8Array>, { field, maxBytes }: Limits): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > maxBytes) throw errors.inputRefused(field, `has more than ${maxBytes} bytes, the limit for inputs`)
    yield chunk
  }
}

async function peek (
  source: AsyncGenerator<Uint8Array>
): Promise<{ head: Uint8Array, chunks: AsyncGenerator<Uint8Array> }> {
  const read: Uint8Array[] = []
  for (let bytes = 0; bytes < 2;) {
    const next = await source.next()
    if (next.done === true) break
    read.push(next.value)
    bytes += next.value.length
  }
  async function * chunks (): AsyncGenerator<Uint8Array> {
    try {
      yield * read
      yield * source
    } finally {
      await source.return(undefined)
    }
  }
  return { head: Buffer.concat(read).subarray(0, 2), chunks: chunks() }
}
