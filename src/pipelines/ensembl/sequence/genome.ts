import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { errors } from '../../../base/errors.ts'
import { readFasta } from './fasta-reader.ts'
import { createRegionTable, nameOf } from './region-table.ts'
import type { Region, Regions, RegionTable } from './region-table.ts'

export type { Region, Regions }

/** Sequence by place, whatever it is kept in. */
export interface Genome {
  readonly regions: Regions
  /** Records without sequence; they are left out. */
  readonly empty: readonly string[]
  /** The forward strand, 1-based and inclusive, in the case of the input. */
  read: (region: string, start: number, end: number) => Promise<Buffer>
  close: () => Promise<void>
}

export type GenomeOptions = { folder: string, field: string, signal: AbortSignal, progress?: (bases: number) => void }

const MOST_EMPTY = 1000

/**
 * Lays a FASTA stream down in a file of `folder`, one byte a base, so that any place can be read without holding a
 * chromosome in memory. Each record's header lies before its letters.
 *
 * @throws INPUT_REFUSED for `field` where it is not nucleotide FASTA, or a record is nameless or there twice.
 */
export async function openGenome (
  source: AsyncIterable<Uint8Array>,
  { folder, field, signal, progress }: GenomeOptions
): Promise<Genome> {
  const handle = await open(join(folder, 'genome'), 'wx+')
  const written = new WriteBuffer(async (bytes, position) => {
    await handle.write(bytes, 0, bytes.length, position)
    progress?.(position + bytes.length)
  })
  const table = createRegionTable(
    (offset, bytes) => written.peek(offset, bytes) ?? readText(handle.fd, offset, bytes),
    () => written.position
  )
  const empty: string[] = []
  try {
    let header: string | undefined
    for await (const part of readFasta(source, field)) {
      signal.throwIfAborted()
      if ('header' in part) {
        noteEmpty(empty, header)
        header = part.header
        if (nameOf(header) === '') throw errors.inputRefused(field, 'has a record without a name')
        continue
      }
      if (header !== undefined) await begin(table, written, header, field)
      header = undefined
      await written.add(part.letters)
    }
    noteEmpty(empty, header)
    if (table.size === 0) throw errors.inputRefused(field, `has no sequence for the record ${empty[0]}`)
    await written.flush()
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    regions: table,
    empty,
    read: async (name, start, end) => {
      const index = table.indexOf(name)
      if (index === -1 || start < 1 || end > table.lengthOf(index)) {
        throw new Error(`there is no ${name}:${start}-${end}`)
      }
      const letters = Buffer.allocUnsafe(Math.max(0, end - start + 1))
      const { bytesRead } = await handle.read(letters, 0, letters.length, table.startOf(index) + start - 1)
      if (bytesRead !== letters.length) throw new Error(`${name}:${start}-${end} is no longer there in whole`)
      return letters
    },
    close: async () => handle.close()
  }
}

async function begin (table: RegionTable, written: WriteBuffer, header: string, field: string): Promise<void> {
  const bytes = Buffer.from(header)
  if (!table.add(nameOf(header), written.position, bytes.length)) {
    throw errors.inputRefused(field, `has the record ${nameOf(header)} twice`)
  }
  await written.add(bytes)
}

function noteEmpty (empty: string[], header: string | undefined): void {
  if (header !== undefined && empty.length < MOST_EMPTY) empty.push(nameOf(header))
}

function readText (file: number, offset: number, length: number): string {
  const bytes = Buffer.allocUnsafe(length)
  readSync(file, bytes, 0, length, offset)
  return bytes.toString('utf8')
}

/** Gathers small pieces, so that a genome of many short records is not a write each. */
class WriteBuffer {
  position = 0
  readonly #write: (bytes: Buffer, position: number) => Promise<void>
  readonly #held = Buffer.allocUnsafe(1 << 20)
  #length = 0

  constructor (write: (bytes: Buffer, position: number) => Promise<void>) {
    this.#write = write
  }

  async add (bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const taken = Math.min(bytes.length - from, this.#held.length - this.#length)
      bytes.copy(this.#held, this.#length, from, from + taken)
      this.#length += taken
      this.position += taken
      from += taken
      if (this.#length === this.#held.length) await this.flush()
    }
  }

  /** Text that is not in the file yet; undefined where it is, or lies across. */
  peek (offset: number, length: number): string | undefined {
    const from = offset - (this.position - this.#length)
    return from < 0 || from + length > this.#length ? undefined : this.#held.toString('utf8', from, from + length)
  }

  async flush (): Promise<void> {
    if (this.#length > 0) await this.#write(this.#held.subarray(0, this.#length), this.position - this.#length)
    this.#length = 0
  }
}
