import type { WindowStatus } from '../../schemas/backfills.ts'

/** Alike windows side by side. */
export type Run = { count: number, status: WindowStatus }

const LETTERS: Record<string, WindowStatus> = { w: 'waiting', r: 'running', c: 'complete', f: 'failed' }
/** What one square of many tells: the worst of them, as that is what is looked for. */
const WORST: readonly WindowStatus[] = ['failed', 'running', 'waiting', 'complete']

/** Reads `12c1f3r`: all windows in their order. */
export const readMarks = (marks: string): Run[] =>
  [...marks.matchAll(/(\d*)([wrcf])/g)].map(([, count = '', letter = '']) => ({
    count: count === '' ? 1 : Number(count),
    status: LETTERS[letter] ?? 'waiting'
  }))

export type Square = { first: number, count: number, status: WindowStatus }

/** At most so many squares, of equally many windows each but for the last one. */
export function squaresOf (runs: Run[], most: number): Square[] {
  const total = runs.reduce((sum, { count }) => sum + count, 0)
  const each = Math.max(1, Math.ceil(total / most))
  const squares: Square[] = []
  let [at, left] = [0, each]
  let seen = new Set<WindowStatus>()
  for (const { count, status } of runs) {
    for (let rest = count; rest > 0;) {
      const taken = Math.min(rest, left)
      seen.add(status)
      rest -= taken
      left -= taken
      if (left > 0) continue
      squares.push({ first: at, count: each, status: worst(seen) })
      at += each
      left = each
      seen = new Set()
    }
  }
  if (left < each) squares.push({ first: at, count: each - left, status: worst(seen) })
  return squares
}

const worst = (seen: ReadonlySet<WindowStatus>): WindowStatus => WORST.find((one) => seen.has(one)) ?? 'waiting'
