import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { readLines } from './text-lines.ts'

/** Lines that are kept for later: in memory as long as they are few, else in a file. */
export interface Spool {
  add: (line: string) => Promise<void> | undefined
  lines: () => AsyncGenerator<string[]>
  close: () => Promise<void>
}

const PIECE_BYTES = 256 * 1024

/** `path` is made when more than `memoryBytes` have come. */
export function openSpool (path: string, memoryBytes = PIECE_BYTES): Spool {
  let held: string[] = []
  let bytes = 0
  let most = memoryBytes
  let file: FileHandle | undefined

  async function flush (): Promise<void> {
    const text = `${held.join('\n')}\n`
    held = []
    bytes = 0
    most = PIECE_BYTES
    file ??= await open(path, 'wx+')
    await file.write(text)
  }

  return {
    add: (line) => {
      held.push(line)
      bytes += line.length + 1
      return bytes > most ? flush() : undefined
    },
    lines: async function * () {
      if (file !== undefined) {
        if (held.length > 0) await flush()
        const stream = file.createReadStream({ start: 0, autoClose: false, highWaterMark: PIECE_BYTES })
        for await (const { lines } of readLines(stream, path)) yield lines
      } else if (held.length > 0) {
        yield held
      }
    },
    close: async () => { await file?.close() }
  }
}
