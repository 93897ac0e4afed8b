import { join } from 'node:path'
import { readAttribute, readValue } from './attributes.ts'
import { createComponents } from './components.ts'
import { readRow } from './gff3.ts'
import type { Gff3Row } from './gff3.ts'
import { kindOf } from './row-kinds.ts'
import { openSpool } from './spool.ts'
import type { Spool } from './spool.ts'

/** The rows of an annotation, which may come in any order, as sections that each fit into memory. */
export interface Sections {
  add: (row: Gff3Row, text: string) => Promise<void> | undefined
  /** Whatever belongs together is in one section, in file order; sections are in the order of their first rows. */
  read: () => AsyncGenerator<Gff3Row[]>
  /** Whether all rows are one section. */
  isWhole: () => boolean
  close: () => Promise<void>
}

export type SectionOptions = { folder: string, field: string, mostRows?: number }

/** What a section has at most, unless a gene has more: some 50 MB of memory. */
const MOST_ROWS = 100_000

export function createSections ({ folder, field, mostRows = MOST_ROWS }: SectionOptions): Sections {
  const components = createComponents()
  const spools: Spool[] = []
  let held: Array<{ row: Gff3Row, text: string, node: number }> = []
  let all: Spool | undefined

  const open = (name: string): Spool => {
    const spool = openSpool(join(folder, name))
    spools.push(spool)
    return spool
  }

  async function spill (): Promise<void> {
    all = open('rows')
    for (const { row, text, node } of held) await all.add(toLine(node, row.line, text))
    held = []
  }

  async function * distribute (): AsyncGenerator<Gff3Row[]> {
    const sectionOf = components.split(mostRows)
    const sections = new Map<number, Spool>()
    for await (const lines of all!.lines()) {
      for (const line of lines) {
        const number = sectionOf(Number.parseInt(line))
        let section = sections.get(number)
        if (section === undefined) sections.set(number, section = open(`section-${number}`))
        const written = section.add(line)
        if (written !== undefined) await written
      }
    }
    for (const [, section] of [...sections].sort(([one], [other]) => one - other)) {
      const rows: Gff3Row[] = []
      for await (const lines of section.lines()) for (const line of lines) rows.push(fromLine(line, field))
      yield rows
    }
  }

  return {
    add: (row, text) => {
      const node = nodeOf(components, row)
      components.addRow(node)
      if (all !== undefined) return all.add(toLine(node, row.line, text))
      held.push({ row, text, node })
      return held.length > mostRows ? spill() : undefined
    },
    read: async function * () {
      if (all === undefined) yield held.map(({ row }) => row)
      else yield * distribute()
    },
    isWhole: () => all === undefined,
    close: async () => { for (const spool of spools) await spool.close() }
  }
}

/** A row belongs to its parents, a feature to what names it too. */
function nodeOf (
  { node, join }: ReturnType<typeof createComponents>,
  { type, attributes, line, form }: Gff3Row
): number {
  const parents = readAttribute(attributes, 'Parent')?.filter((parent) => parent !== '') ?? []
  const id = parents.length === 0 || kindOf(type) === 'feature' ? readValue(attributes, 'ID') : undefined
  // GTF may have exons alone, which name their gene.
  const gene = form === 'gtf' ? readValue(attributes, 'gene_id') : undefined
  if (gene !== undefined) parents.push(`gene:${gene}`)
  const [first, ...others] = (id === undefined ? parents : [id, ...parents]).map(node)
  for (const other of others) join(first!, other)
  return first ?? node(`line ${line}`)
}

function toLine (node: number, line: number, text: string): string {
  return `${node} ${line} ${text}`
}

function fromLine (line: string, field: string): Gff3Row {
  const first = line.indexOf(' ')
  const second = line.indexOf(' ', first + 1)
  return readRow(line.slice(second + 1), Number(line.slice(first + 1, second)), field)
}
