import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { errors } from '../../../base/errors.ts'

export type CopyLimits = { maxBytes: number, field: string, signal: AbortSignal, progress?: (bytes: number) => void }

const LOOK_EVERY = 64 * 1024 * 1024
/** What is left to others on the disk. */
const SPARE = 256 * 1024 * 1024

/** Streams `source` to a new file. It stops at `maxBytes`, and before the disk is full. Answers the size in bytes. */
export async function copyFile (
  source: AsyncIterable<Uint8Array>,
  path: string,
  { maxBytes, field, signal, progress }: CopyLimits
): Promise<number> {
  let bytes = 0
  let looked = 0
  async function * counted (): AsyncGenerator<Uint8Array> {
    await refuseFullDisk(path)
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > maxBytes) throw errors.inputRefused(field, `has more than ${maxBytes} bytes, the limit for videos`)
      if (bytes - looked >= LOOK_EVERY) {
        looked = bytes
        await refuseFullDisk(path)
      }
      progress?.(bytes)
      yield chunk
    }
  }
  await pipeline(counted, createWriteStream(path), { signal })
  return bytes
}

async function refuseFullDisk (path: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path))
  if (bavail * bsize < SPARE) {
    throw new Error(`the disk of ${dirname(dirname(path))} (TMPDIR) has less than ${SPARE} bytes left`)
  }
}

/** SHA-256 of a file, as hex digits. */
export async function hashFile (path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), hash, { signal })
  return hash.digest('hex')
}
