import type { DnaRegion } from '../sequence/headers.ts'

/** A record of a dump: always of the region's full length, whatever part of it the header tells. */
export type DnaRecord = DnaRegion & { length: number }

/**
 * The records that go to one file of each type, such as those of `nonchromosomal`. They are made when they are read.
 */
export type Level<Record extends DnaRecord = DnaRecord> = {
  name: string
  size: number
  records: () => Iterable<Record>
}

/** What is dumped, whatever it is kept in. */
export type DnaSource<Record extends DnaRecord = DnaRecord> = {
  /** In the order of toplevel. */
  levels: Array<Level<Record>>
  regions: number
  bases: number
  /** Whether one id may come twice, as upstream has it for pseudoautosomal regions. */
  repeatsIds: boolean
  /** Letters of a record, from 1 to its length, with what is soft-masked in lower case. */
  read: (record: Record, start: number, end: number) => Promise<Buffer>
}

export type OtherLevels<Record extends DnaRecord> = { alt: Level<Record>, nonchromosomal: Level<Record> }

/** Of the chromosomes and what else a genome has, in their order; a level without records is left out. */
export function toLevels<Record extends DnaRecord> (
  chromosomes: Array<Level<Record>>,
  { alt, nonchromosomal }: OtherLevels<Record>
): Array<Level<Record>> {
  return [...chromosomes, alt, nonchromosomal].filter(({ size }) => size > 0)
}

export function levelOf<Record extends DnaRecord> (name: string, records: Record[]): Level<Record> {
  return { name, size: records.length, records: () => records }
}

export function countChromosomes (levels: Level[]): number {
  return levels.filter(({ name }) => name !== 'alt' && name !== 'nonchromosomal').length
}

/** Whether a region's name can be part of a file's name. */
export function isFileName (name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,79}$/.test(name)
}
