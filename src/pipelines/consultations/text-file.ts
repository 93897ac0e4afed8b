import { open } from 'node:fs/promises'

/** Where a text lies in the file, in bytes. */
export type TextPlace = { offset: number, length: number }

/** Texts of documents on disk instead of in memory: all of them together may have gigabytes. */
export interface TextFile {
  append: (text: string) => Promise<TextPlace>
  read: (place: TextPlace) => Promise<string>
  /** The same as UTF-8. */
  readBytes: (place: TextPlace) => Promise<Uint8Array>
  /** The first `count` characters, or all there are. */
  readStart: (place: TextPlace, count: number) => Promise<string>
  close: () => Promise<void>
}

const BUFFER_BYTES = 1024 * 1024
const MAX_BYTES_PER_CHARACTER = 4

export async function openTextFile (path: string): Promise<TextFile> {
  const file = await open(path, 'wx+')
  let waiting: Buffer[] = []
  let written = 0
  let size = 0
  let writing = Promise.resolve()

  async function write (): Promise<void> {
    const bytes = Buffer.concat(waiting)
    waiting = []
    for (let done = 0; done < bytes.length;) {
      done += (await file.write(bytes, done, bytes.length - done, written + done)).bytesWritten
    }
    written += bytes.length
  }

  function flush (): Promise<void> {
    writing = writing.then(write)
    return writing
  }

  async function readBytes ({ offset, length }: TextPlace): Promise<Buffer> {
    if (offset + length > written) await flush()
    const bytes = Buffer.allocUnsafe(length)
    for (let done = 0; done < length;) {
      const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
      if (bytesRead === 0) throw new Error('the temporary file of texts is shorter than it was written')
      done += bytesRead
    }
    return bytes
  }

  return {
    append: async (text) => {
      const bytes = Buffer.from(text)
      const place = { offset: size, length: bytes.length }
      size += bytes.length
      waiting.push(bytes)
      if (size - written > BUFFER_BYTES) await flush()
      return place
    },
    readBytes,
    read: async (place) => (await readBytes(place)).toString('utf8'),
    readStart: async ({ offset, length }, count) => {
      const bytes = await readBytes({ offset, length: Math.min(length, count * MAX_BYTES_PER_CHARACTER) })
      return [...bytes.toString('utf8')].slice(0, count).join('')
    },
    close: () => file.close()
  }
}
