import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { readBlocks, toLines } from './text-lines.ts'

/** Lines that are kept for later: in memory as long as they are few, else in a file. */
export interface Spool {
  add: (line: string) => Promise<void> | undefined
  lines: () => AsyncGenerator<string[]>
  close: () => Promise<void>
}

/** Blocks of whole lines that are kept for later, likewise. */
export interface BlockSpool {
  add: (block: Buffer) => Promise<void>
  /** Of those lines, though not in the blocks that were given. */
  blocks: () => AsyncIterable<Buffer>
  close: () => Promise<void>
}

const PIECE_BYTES = 256 * 1024
const BLOCKS_BYTES = 4 * 1024 * 1024

/** `path` is made when more than `memoryBytes` have come. */
export function openSpool (path: string, memoryBytes = PIECE_BYTES): Spool {
  let held: string[] = []
  let bytes = 0
  let file: FileHandle | undefined

  async function flush (): Promise<void> {
    const text = `${held.join('\n')}\n`
    held = []
    bytes = 0
    file ??= await open(path, 'wx+')
    await file.write(text)
  }

  return {
    add: (line) => {
      held.push(line)
      bytes += line.length + 1
      return bytes > memoryBytes ? flush() : undefined
    },
    lines: async function * () {
      if (file !== undefined) {
        if (held.length > 0) await flush()
        for await (const block of readFile(file, path)) yield toLines(block)
      } else if (held.length > 0) {
        yield held
      }
    },
    close: async () => { await file?.close() }
  }
}

export function openBlockSpool (path: string, memoryBytes = BLOCKS_BYTES): BlockSpool {
  let held: Buffer[] = []
  let bytes = 0
  let file: FileHandle | undefined

  return {
    add: async (block) => {
      held.push(block)
      bytes += block.length
      if (bytes <= memoryBytes) return
      file ??= await open(path, 'wx+')
      await file.writev(held)
      held = []
    },
    blocks: () => file === undefined ? toAsync(held) : readFile(file, path),
    close: async () => { await file?.close() }
  }
}

function readFile (file: FileHandle, path: string): AsyncGenerator<Buffer> {
  return readBlocks(file.createReadStream({ start: 0, autoClose: false, highWaterMark: PIECE_BYTES }), path)
}

async function * toAsync (blocks: Buffer[]): AsyncGenerator<Buffer> {
  yield * blocks
}
