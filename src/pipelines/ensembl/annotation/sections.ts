import { join } from 'node:path'
import type { Components } from './components.ts'
import type { Gff3Row } from './rows.ts'
import { openSpool } from './spool.ts'
import type { Spool } from './spool.ts'

/** The rows of an annotation, which may come in any order, as sections: whatever belongs together is in one. */
export interface Sections {
  add: (node: number, row: Gff3Row) => void
  /**
   * Those that have become whole, in the order of their first rows, each with its rows in file order. Puts rows down on
   * the disk where too many wait for others.
   */
  takeWhole: () => AsyncGenerator<Gff3Row[]>
  close: () => Promise<void>
}

export type SectionOptions = { folder: string, mostRows?: number | undefined }

/** How many are held in memory, some 50 MB, unless a gene has more. A file that has no more is one section. */
const MOST_ROWS = 100_000
/** Of that, a section of a longer file has so much. */
const SECTION = 1 / 25
/** Sections of a file, unless they would be smaller than that: each may come to be a file. */
const MOST_SECTIONS = 256
const PIECE_BYTES = 16 * 1024

type Section = { rows: Gff3Row[], spool: Spool | undefined }
type State = {
  folder: string
  mostRows: number
  sectionOf: (node: number) => number
  /** Of each section, how many rows are still to come. */
  missing: number[]
  open: Map<number, Section>
  next: number
  /** Rows in memory. */
  held: number
}

/** All rows must have been counted in `components`. */
export function createSections (
  components: Components,
  { folder, mostRows = MOST_ROWS }: SectionOptions
): Sections {
  const { rows } = components
  const plan = components.split(rows <= mostRows ? mostRows : Math.max(mostRows * SECTION, rows / MOST_SECTIONS))
  const state: State = {
    folder,
    mostRows,
    sectionOf: plan.of,
    missing: plan.rows,
    open: new Map(),
    next: 0,
    held: 0
  }
  return {
    add: add.bind(null, state),
    takeWhole: takeWhole.bind(null, state),
    close: async () => { for (const { spool } of state.open.values()) await spool?.close() }
  }
}

function add (state: State, node: number, row: Gff3Row): void {
  const number = state.sectionOf(node)
  let section = state.open.get(number)
  if (section === undefined) state.open.set(number, section = { rows: [], spool: undefined })
  section.rows.push(row)
  state.missing[number]!--
  state.held++
}

async function * takeWhole (state: State): AsyncGenerator<Gff3Row[]> {
  const { open, missing } = state
  for (; missing[state.next] === 0; state.next++) {
    const { rows, spool } = open.get(state.next)!
    open.delete(state.next)
    state.held -= rows.length
    yield spool === undefined ? rows : [...await readSpool(spool), ...rows]
  }
  if (state.held > state.mostRows) await relieve(state)
}

async function relieve (state: State): Promise<void> {
  for (const [number, section] of state.open) {
    section.spool ??= openSpool(join(state.folder, `section-${number}`), PIECE_BYTES)
    for (const row of section.rows) await section.spool.add(JSON.stringify(row))
    section.rows = []
  }
  state.held = 0
}

async function readSpool (spool: Spool): Promise<Gff3Row[]> {
  const rows: Gff3Row[] = []
  try {
    for await (const lines of spool.lines()) for (const line of lines) rows.push(JSON.parse(line) as Gff3Row)
  } finally {
    await spool.close()
  }
  return rows
}
