/**
 * Something small that a job shows beside its result: a table, a link, a text in Markdown. One of the same name takes
 * the place of the earlier one. Secrets are taken out as they are of the log; nobody renders HTML of it.
 */
export type Artefact = { name: string } & (
  /** Rows by the names of their columns, those of the first rows; a cell that is no text or number is shown as JSON. */
  | { table: ReadonlyArray<Readonly<Record<string, unknown>>> }
  /** An address; it can be followed where it is http(s). */
  | { link: string }
  | { markdown: string }
)

/** `step`: the name of the step that gives it. */
export type GivenArtefact = Artefact & { step?: string | undefined }

export type Cell = string | number | boolean | null

/** An artefact as it is kept, within its bounds. */
export type KeptArtefact = { name: string, step?: string | undefined } & (
  /** `total`: how many rows there were. */
  | { kind: 'table', columns: string[], rows: Cell[][], total: number }
  | { kind: 'link', url: string }
  /** `is_cut`: there was more. */
  | { kind: 'markdown', text: string, is_cut: boolean }
)

export const MAX_NAME = 100
const MAX_COLUMNS = 20
const MAX_CELL = 300
const MAX_ROWS = 200
const MAX_URL = 2000
/** Characters of the rows of a table, or of a text. */
const MAX_LENGTH = 16_384

/** Text that every datastore can keep, so long at most. */
export function fitText (text: string, most: number): string {
  const fit = text.replaceAll('\0', '\ufffd').toWellFormed()
  return fit.length > most ? `${fit.slice(0, most - 1).toWellFormed()}…` : fit
}

/** `mask` takes secrets out: before anything is cut, as of a secret across the cut the first half would be left. */
export function keepArtefact (given: GivenArtefact, mask: <T>(value: T) => T): KeptArtefact {
  const head = {
    name: fitText(mask(given.name), MAX_NAME),
    step: given.step === undefined ? undefined : fitText(mask(given.step), MAX_NAME)
  }
  if ('link' in given) return { ...head, kind: 'link', url: fitText(mask(given.link), MAX_URL) }
  if ('table' in given) return { ...head, ...keepTable(given.table, mask) }
  const text = mask(given.markdown)
  return { ...head, kind: 'markdown', text: fitText(text, MAX_LENGTH), is_cut: text.length > MAX_LENGTH }
}

function keepTable (
  table: ReadonlyArray<Readonly<Record<string, unknown>>>,
  mask: <T>(value: T) => T
): Pick<KeptArtefact & { kind: 'table' }, 'kind' | 'columns' | 'rows' | 'total'> {
  const first = mask(table.slice(0, MAX_ROWS))
  const columns = [...new Set(first.flatMap((row) => Object.keys(row)))].slice(0, MAX_COLUMNS)
  const rows: Cell[][] = []
  let length = 0
  for (const row of first) {
    const cells = columns.map((column) => toCell(row[column]))
    length += JSON.stringify(cells).length
    if (length > MAX_LENGTH) break
    rows.push(cells)
  }
  return { kind: 'table', columns: columns.map((column) => fitText(column, MAX_NAME)), rows, total: table.length }
}

function toCell (value: unknown): Cell {
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? null
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return fitText(typeof value === 'string' ? value : toJson(value), MAX_CELL)
}

function toJson (value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
