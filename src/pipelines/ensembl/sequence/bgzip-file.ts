import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { nucleotideCompression } from './gzip-file.ts'

/**
 * A file of bgzip blocks that is being written: gzip which can be read from any place, with the index that tells how.
 */
export interface BgzipFile {
  write: (bytes: Uint8Array | string) => Promise<void>
  /** Resolves when all is in the file, with the content of its `.gzi`. */
  close: () => Promise<Buffer>
  /** Lets go of the file wherever it stands. */
  abandon: () => Promise<void>
}

/** What bgzip itself takes into a block. */
const blockBytes = 65_280
const blocksUnderWay = 8
const gzipHeaderBytes = 10
const endBlock = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex')
const compress = promisify(gzip) as (bytes: Uint8Array, options: object) => Promise<Buffer>

export async function openBgzipFile (path: string): Promise<BgzipFile> {
  const handle = await open(path, 'wx')
  const block = { bytes: Buffer.allocUnsafeSlow(blockBytes), length: 0 }
  const underWay: Array<Promise<Buffer>> = []
  /** In the file, of the end of each block. */
  const ends: number[] = []

  async function writeOldest (): Promise<void> {
    const bytes = await underWay.shift()!
    await handle.write(bytes)
    ends.push((ends.at(-1) ?? 0) + bytes.length)
  }

  async function endOfBlock (): Promise<void> {
    const made = makeBlock(block.bytes.subarray(0, block.length))
    // It is waited for later; until then a failure is nobody's.
    made.catch(() => {})
    underWay.push(made)
    block.bytes = Buffer.allocUnsafeSlow(blockBytes)
    block.length = 0
    if (underWay.length >= blocksUnderWay) await writeOldest()
  }

  return {
    write: async (given) => {
      const bytes = typeof given === 'string' ? Buffer.from(given) : given
      for (let from = 0; from < bytes.length;) {
        const taken = Math.min(bytes.length - from, blockBytes - block.length)
        block.bytes.set(bytes.subarray(from, from + taken), block.length)
        block.length += taken
        from += taken
        if (block.length === blockBytes) await endOfBlock()
      }
    },
    close: async () => {
      if (block.length > 0) await endOfBlock()
      while (underWay.length > 0) await writeOldest()
      await handle.write(endBlock)
      await handle.close()
      return indexOf(ends.slice(0, -1))
    },
    abandon: async () => await handle.close()
  }
}

/** A gzip member whose header tells its own length. */
async function makeBlock (bytes: Buffer): Promise<Buffer> {
  const member = await compress(bytes, nucleotideCompression)
  const header = Buffer.from('1f8b08040000000000ff060042430200', 'hex')
  const block = Buffer.concat([header, Buffer.alloc(2), member.subarray(gzipHeaderBytes)])
  block.writeUInt16LE(block.length - 1, header.length)
  return block
}

/** Where each block but the first begins, in the file and in what it holds. */
function indexOf (starts: number[]): Buffer {
  const index = Buffer.alloc(8 + starts.length * 16)
  index.writeBigUInt64LE(BigInt(starts.length))
  for (const [at, start] of starts.entries()) {
    index.writeBigUInt64LE(BigInt(start), 8 + at * 16)
    index.writeBigUInt64LE(BigInt((at + 1) * blockBytes), 16 + at * 16)
  }
  return index
}
