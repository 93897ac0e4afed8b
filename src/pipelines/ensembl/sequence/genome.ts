import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { errors } from '../../../base/errors.ts'
import { readFasta } from './fasta-reader.ts'

/** `length` in bases; `description` is the header after the first blank. */
export type Region = { name: string, description: string, length: number }

/** Sequence by place, whatever it is kept in. */
export interface Genome {
  /** In the order of the input. */
  readonly regions: ReadonlyMap<string, Region>
  /** The forward strand, 1-based and inclusive, in the case of the input. */
  read: (region: string, start: number, end: number) => Promise<Buffer>
  close: () => Promise<void>
}

export type GenomeOptions = { folder: string, field: string, signal: AbortSignal, progress?: (bases: number) => void }

/**
 * Lays a FASTA stream down in a file of `folder`, one byte a base, so that any place can be read without holding a
 * chromosome in memory. Memory grows with the number of records only.
 *
 * @throws INPUT_REFUSED for `field` where it is not nucleotide FASTA, or a record is empty, nameless or there twice.
 */
export async function openGenome (source: AsyncIterable<Uint8Array>, { folder, field, signal, progress }: GenomeOptions): Promise<Genome> {
  const handle = await open(join(folder, 'genome'), 'wx+')
  const regions = new Map<string, Region & { offset: number }>()
  const written = new WriteBuffer(async (bytes, position) => {
    await handle.write(bytes, 0, bytes.length, position)
    progress?.(position + bytes.length)
  })
  try {
    let region: Region & { offset: number } | undefined
    for await (const part of readFasta(source, field)) {
      signal.throwIfAborted()
      if ('letters' in part) {
        region!.length += part.letters.length
        await written.add(part.letters)
        continue
      }
      refuseEmpty(region, field)
      const [name = '', description = ''] = part.header.split(/\s+(.*)/s)
      if (name === '') throw errors.inputRefused(field, 'has a record without a name')
      if (regions.has(name)) throw errors.inputRefused(field, `has the record ${name} twice`)
      region = { name, description, length: 0, offset: written.position }
      regions.set(name, region)
    }
    refuseEmpty(region, field)
    await written.flush()
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    regions,
    read: async (name, start, end) => {
      const region = regions.get(name)
      if (region === undefined || start < 1 || end > region.length) throw new Error(`there is no ${name}:${start}-${end}`)
      const letters = Buffer.allocUnsafe(Math.max(0, end - start + 1))
      const { bytesRead } = await handle.read(letters, 0, letters.length, region.offset + start - 1)
      if (bytesRead !== letters.length) throw new Error(`${name}:${start}-${end} is no longer there in whole`)
      return letters
    },
    close: async () => handle.close()
  }
}

function refuseEmpty (region: Region | undefined, field: string): void {
  if (region?.length === 0) throw errors.inputRefused(field, `has no sequence for the record ${region.name}`)
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

  async flush (): Promise<void> {
    if (this.#length > 0) await this.#write(this.#held.subarray(0, this.#length), this.position - this.#length)
    this.#length = 0
  }
}
