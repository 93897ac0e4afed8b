/** A span in which something happened, milliseconds. */
export type Span = { from: number, to: number }

/** Pieces of time side by side; between two of them nothing happened for long, and the axis is broken there. */
export type Axis = {
  pieces: Span[]
  /** Where a time stands, 0 to 100. */
  at: (time: number) => number
}

/** A gap is long when it is ten times the median span, and a tenth of all at least. */
const LONG = 10
const SHARE = 0.1
/** What a broken gap takes of the axis. */
const GAP = 2

export function axisOf (spans: Span[]): Axis {
  const sorted = [...spans].sort((a, b) => a.from - b.from)
  const lengths = sorted.map(({ from, to }) => to - from).sort((a, b) => a - b)
  const whole = Math.max(...sorted.map(({ to }) => to)) - (sorted[0]?.from ?? 0)
  const long = Math.max(LONG * (lengths[Math.floor(lengths.length / 2)] ?? 0), SHARE * whole, 1000)
  const pieces: Span[] = []
  for (const { from, to } of sorted) {
    const last = pieces.at(-1)
    if (last === undefined || from - last.to > long) pieces.push({ from, to })
    else last.to = Math.max(last.to, to)
  }
  return { pieces, at: place.bind(null, pieces) }
}

function place (pieces: Span[], time: number): number {
  const total = Math.max(
    1,
    pieces.reduce((sum, { from, to }) => sum + to - from, 0)
  )
  const room = 100 - GAP * (pieces.length - 1)
  let before = 0
  for (const [i, { from, to }] of pieces.entries()) {
    if (time <= to || i === pieces.length - 1) {
      return before + (Math.max(0, Math.min(time, to) - from) / total) * room
    }
    before += ((to - from) / total) * room + GAP
  }
  return before
}
