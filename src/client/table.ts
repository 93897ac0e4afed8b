import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'
import type { Screen } from './screen.ts'

const GAP = 2
const NARROWEST = 8

type Column = { title: string, /** Cut first where the terminal is narrow; ids never are, they are there to be copied. */ flexible?: boolean, right?: boolean }

const NO_BORDER = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' }

/** Rows under dim titles, without borders, within the width of the terminal where that can be had. */
export function drawTable (columns: Column[], rows: string[][], { colors, width }: Pick<Screen, 'colors' | 'width'>): string {
  const natural = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => lengthOf(row[i] ?? ''))) + GAP)
  const table = new Table({
    head: columns.map(({ title }) => colors.dim(title)),
    colWidths: fit(natural, columns, width),
    colAligns: columns.map(({ right }) => right === true ? 'right' : 'left'),
    chars: NO_BORDER,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP }
  })
  table.push(...rows)
  return table.toString().split('\n').map((line) => line.trimEnd()).join('\n')
}

function fit (natural: number[], columns: Column[], width: number): number[] {
  const widths = [...natural]
  const flexible = columns.flatMap(({ flexible, title }, i) => flexible === true ? [{ i, least: Math.max(NARROWEST, title.length) + GAP }] : [])
  for (let over = widths.reduce((sum, one) => sum + one, 0) - width; over > 0; over--) {
    const widest = flexible.filter(({ i, least }) => (widths[i] ?? 0) > least).sort((a, b) => (widths[b.i] ?? 0) - (widths[a.i] ?? 0))[0]
    if (widest === undefined) break
    widths[widest.i] = (widths[widest.i] ?? 0) - 1
  }
  return widths
}

const lengthOf = (text: string): number => stripVTControlCharacters(text).length
