import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'
import type { Colors, Screen } from './screen.ts'

const GAP = 2
const NARROWEST = 8

export type Column = {
  title: string
  /** May be cut where the terminal is narrow. Ids never are: they are there to be copied. */
  flexible?: boolean
  /** Left out where cutting is not enough, the first of them first. */
  optional?: boolean
  right?: boolean
  /** Gets a line of its own beneath where the terminal is too narrow for all: what is looked for keeps its room. */
  below?: boolean
}

/** A column of a list, with what it shows of an item. */
export type ItemColumn<T> = Column & { of: (item: T, colors: Colors) => string }

const PARTS_OF_BORDER = [
  'top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right',
  'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'
]
const NO_BORDER = Object.fromEntries(PARTS_OF_BORDER.map((part) => [part, '']))

export function drawItems<T> (
  columns: Array<ItemColumn<T>>,
  items: T[],
  screen: Pick<Screen, 'colors' | 'width'>
): string {
  return drawTable(
    columns,
    items.map((item) => columns.map(({ of }) => of(item, screen.colors))),
    screen
  )
}

/** Rows under dim titles, without borders, within the width of the terminal where that can be had. */
export function drawTable (
  columns: Column[],
  rows: string[][],
  { colors, width }: Pick<Screen, 'colors' | 'width'>
): string {
  const longest = (i: number): number => Math.max(0, ...rows.map((row) => lengthOf(row[i] ?? '')))
  const natural = columns.map(({ title }, i) => Math.max(title.length, longest(i)) + GAP)
  const beneath = sum(natural) - GAP > width ? columns.findIndex(({ below }) => below === true) : -1
  const shown = choose(columns, natural, width, beneath)
  const table = new Table({
    head: shown.map((i) => colors.dim(columns[i]?.title ?? '')),
    colWidths: fit(
      shown.map((i) => natural[i] ?? 0),
      shown.map((i) => leastOf(columns[i], natural[i])),
      width
    ),
    colAligns: shown.map((i) => columns[i]?.right === true ? 'right' : 'left'),
    chars: NO_BORDER,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP }
  })
  table.push(...rows.map((row) => shown.map((i) => row[i] ?? '')))
  const lines = table.toString().split('\n').map((line) => line.trimEnd())
  if (beneath === -1) return lines.join('\n')
  return lines
    .flatMap((line, i) => i === 0 ? [line] : [line, `  ${colors.dim(rows[i - 1]?.[beneath] ?? '')}`])
    .join('\n')
}

/** Places of the columns for which there is room. */
function choose (columns: Column[], natural: number[], width: number, beneath: number): number[] {
  const shown = columns.map((_, i) => i).filter((i) => i !== beneath)
  while (sum(shown.map((i) => leastOf(columns[i], natural[i]))) - GAP > width) {
    const spare = shown.findIndex((i) => columns[i]?.optional === true)
    if (spare === -1) break
    shown.splice(spare, 1)
  }
  return shown
}

function leastOf (column: Column | undefined, natural = 0): number {
  return column?.flexible === true ? Math.min(natural, Math.max(NARROWEST, column.title.length) + GAP) : natural
}

/** Takes from the widest that can give, a letter at a time. */
function fit (natural: number[], least: number[], width: number): number[] {
  const widths = [...natural]
  for (let over = sum(widths) - GAP - width; over > 0; over--) {
    const canGive = (i: number): boolean => (widths[i] ?? 0) > (least[i] ?? 0)
    const widest = widths.reduce((best, one, i) => canGive(i) && one > (widths[best] ?? 0) ? i : best, -1)
    if (widest === -1) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0)

const lengthOf = (text: string): number => stripVTControlCharacters(text).length
