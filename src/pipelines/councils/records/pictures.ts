import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { deadline } from '../../../base/deadline.ts'
import { putFile, type Filling } from './filling.ts'

const MAX_BYTES = 20 * 1024 * 1024
const TIMEOUT_MS = 60_000

/**
 * Copies a picture into the store as `<sha256>-<kind>` and answers the id of its file; null, and a
 * failure, where it is not to be had.
 */
export async function storePicture (
  filling: Filling,
  uri: string | null,
  kind: 'person-picture' | 'seat-image',
  at: string
): Promise<string | null> {
  if (uri === null) return null
  const link = await filling.links(uri)
  if (link.uri === undefined) {
    filling.fail(at, link.reason)
    return null
  }
  const bytes = await read(filling, link.uri, at)
  if (bytes === undefined) return null
  const name = `${createHash('sha256').update(bytes).digest('hex')}-${kind}`
  await filling.store.write(name, Readable.from([bytes]), filling.signal)
  return await putFile(filling, filling.store.url(name))
}

async function read ({ inputs, signal, fail }: Filling, uri: string, at: string): Promise<Buffer | undefined> {
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of await inputs.open(uri, {
      field: 'it',
      signal: AbortSignal.any([signal, deadline(TIMEOUT_MS)])
    })) {
      size += chunk.length
      if (size > MAX_BYTES) throw new Error(`has more than ${MAX_BYTES} bytes`)
      chunks.push(chunk)
    }
    if (size === 0) throw new Error('is empty')
    return Buffer.concat(chunks)
  } catch (error) {
    signal.throwIfAborted()
    fail(at, (error as Error).message)
    return undefined
  }
}
