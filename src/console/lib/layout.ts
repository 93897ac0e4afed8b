import { hierarchy, tree } from 'd3-hierarchy'
import type { Drawn } from './fold.ts'

export const ROW = 34
export const COLUMN = 232
export const WIDTH = 196
export const HEIGHT = 27

export type Placed = { drawn: Drawn, x: number, y: number, level: number, parent: Placed | undefined }
export type Layout = { nodes: Placed[], width: number, height: number }

/** A tidy tree from left to right. Where a node stands depends on the shape alone, never on a status. */
export function layOut (top: Drawn): Layout {
  const root = tree<Drawn>()
    .nodeSize([ROW, COLUMN])
    .separation(() => 1)(hierarchy(top, ({ children }) => children))
  const all = root.descendants()
  const first = Math.min(...all.map(({ x }) => x))
  const last = Math.max(...all.map(({ x }) => x))
  const placed = new Map<unknown, Placed>()
  const nodes = all.map((one) => {
    const parent = one.parent === null ? undefined : placed.get(one.parent)
    const found: Placed = { drawn: one.data, x: one.depth * COLUMN, y: one.x - first, level: one.depth + 1, parent }
    placed.set(one, found)
    return found
  })
  const depth = Math.max(...all.map((one) => one.depth))
  return { nodes, width: depth * COLUMN + WIDTH, height: last - first + HEIGHT }
}
