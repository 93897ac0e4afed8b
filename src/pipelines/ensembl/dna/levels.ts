import type { DnaRegion } from '../sequence/headers.ts'

/** A record of a dump: always of the region's full length, whatever part of it the header tells. */
export type DnaRecord = DnaRegion & { length: number }

/** The records that go to one file of each type, such as those of `nonchromosomal`. */
export type Level<Record extends DnaRecord = DnaRecord> = { name: string, records: Record[] }

/** What is dumped, whatever it is kept in. */
export type DnaSource<Record extends DnaRecord = DnaRecord> = {
  /** In the order of toplevel. */
  levels: Array<Level<Record>>
  regions: number
  /** Letters of a record, from 1 to its length, with what is soft-masked in lower case. */
  read: (record: Record, start: number, end: number) => Promise<Buffer>
}

/** Of the chromosomes and what else a genome has, in their order; a level without records is left out. */
export function toLevels<Record extends DnaRecord> (chromosomes: Array<Level<Record>>, { alt, nonchromosomal }: { alt: Record[], nonchromosomal: Record[] }): Array<Level<Record>> {
  return [...chromosomes, { name: 'alt', records: alt }, { name: 'nonchromosomal', records: nonchromosomal }].filter(({ records }) => records.length > 0)
}

export function countChromosomes (levels: Level[]): number {
  return levels.filter(({ name }) => name !== 'alt' && name !== 'nonchromosomal').length
}

/** Whether a region's name can be part of a file's name. */
export function isFileName (name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,79}$/.test(name)
}
