import { findCodonTable } from './codon-table.ts'
import type { CodonTable } from './codon-table.ts'

/** NCBI's tables by number, each made once. `refuse` makes the error for a number that is not in NCBI's list. */
export function createCodonTables (
  refuse: (region: string, number: number) => Error
): (region: string, number: number) => CodonTable {
  const tables = new Map<number, CodonTable>()
  return (region, number) => {
    const table = tables.get(number) ?? findCodonTable(number)
    if (table === undefined) throw refuse(region, number)
    tables.set(number, table)
    return table
  }
}
