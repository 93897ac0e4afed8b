import { fastaColumns } from './fasta.ts'

/** The lines of a `.fai`, made while the FASTA is written. */
export interface FastaIndex {
  /** A record is about to be written. An id that was there before is not taken up, as by samtools. */
  add: (header: string, letters: number) => void
  text: () => string
}

export function createFastaIndex (): FastaIndex {
  const lines = new Map<string, string>()
  let offset = 0
  return {
    add: (header, letters) => {
      const [name = ''] = header.split(' ')
      offset += Buffer.byteLength(header) + 2
      const columns = Math.min(letters, fastaColumns)
      if (!lines.has(name)) lines.set(name, `${[name, letters, offset, columns, columns + 1].join('\t')}\n`)
      offset += letters + Math.ceil(letters / fastaColumns)
    },
    text: () => [...lines.values()].join('')
  }
}
