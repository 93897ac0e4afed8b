import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

const NEWLINE = 10
const HEADER = 62
const DOT = 46
const STAR = 42

/**
 * How many sequences a gzipped FASTA holds and a sum over them, whatever their order, headers and width of lines. A stop
 * may be written `.` or `*`; `skip` letters of each are left out of the sum.
 */
export async function sumOfSequences (file: string, skip = 0): Promise<string> {
  let records = 0
  let letters = 0
  let sum = 0n
  let digest = createHash('sha256')
  let isHeader = false
  let skipped = 0
  const end = (): void => {
    if (records++ > 0) sum = (sum + digest.digest().readBigUInt64LE()) % (1n << 64n)
    digest = createHash('sha256')
    skipped = 0
  }
  for await (const chunk of createReadStream(file).pipe(createGunzip({ chunkSize: 1 << 20 })) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      const next = chunk.indexOf(NEWLINE, at)
      const to = next === -1 ? chunk.length : next
      if (!isHeader && chunk[at] === HEADER) {
        end()
        isHeader = true
      }
      if (!isHeader) {
        const from = Math.min(to, at + skip - skipped)
        skipped += from - at
        digest.update(withStars(chunk.subarray(from, to)))
        letters += to - at
      }
      if (next !== -1) isHeader = false
      at = to + 1
    }
  }
  end()
  return `${records - 1} sequences of ${letters} letters, sum ${sum.toString(16)}`
}

function withStars (letters: Buffer): Buffer {
  for (let at = letters.indexOf(DOT); at !== -1; at = letters.indexOf(DOT, at + 1)) letters[at] = STAR
  return letters
}
