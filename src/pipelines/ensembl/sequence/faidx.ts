import { appendFile } from 'node:fs/promises'
import { fastaColumns } from './fasta.ts'

/** A `.fai`, made while its FASTA is written. */
export interface FastaIndex {
  /** A record is about to be written. An id that was there before is not taken up, as by samtools. */
  add: (header: string, letters: number) => Promise<void> | undefined
  /** Resolves when all is in the file. */
  close: () => Promise<void>
}

const HELD_LETTERS = 256 * 1024

/** Ids are remembered only where they may come again: there may be millions. */
export function openFastaIndex (path: string, { repeatsIds }: { repeatsIds: boolean }): FastaIndex {
  const known = new Set<string>()
  let held = ''
  let offset = 0

  async function flush (): Promise<void> {
    const text = held
    held = ''
    await appendFile(path, text)
  }

  return {
    add: (header, letters) => {
      const [name = ''] = header.split(' ', 1)
      offset += Buffer.byteLength(header) + 2
      const columns = Math.min(letters, fastaColumns)
      if (!known.has(name)) held += `${[name, letters, offset, columns, columns + 1].join('\t')}\n`
      if (repeatsIds) known.add(name)
      offset += letters + Math.ceil(letters / fastaColumns)
      return held.length > HELD_LETTERS ? flush() : undefined
    },
    close: flush
  }
}
