/** Rows of a file that went to no transcript, of one type and for one reason. */
export type LeftOut = { type: string, reason: string, rows: number }

/** What has become of the rows of a file: `read` is `used` and all that was left out. */
export type RowCounts = { read: number, used: number, left_out: LeftOut[] }

export interface Tally {
  count: (rows?: number) => void
  leaveOut: (type: string, reason: string, rows?: number) => void
  counts: () => RowCounts
}

/** Types beyond these are counted as one: what a file calls its rows is not bounded. */
const MOST_KINDS = 200

export function createTally (): Tally {
  const left = new Map<string, LeftOut>()
  let read = 0
  const add = (type: string, reason: string, rows: number): void => {
    const key = `${type}\t${reason}`
    const known = left.get(key)
    if (known !== undefined) known.rows += rows
    else if (left.size < MOST_KINDS || type === 'other') left.set(key, { type, reason, rows })
    else add('other', reason, rows)
  }
  return {
    count: (rows = 1) => { read += rows },
    leaveOut: (type, reason, rows = 1) => { add(type, reason, rows) },
    counts: () => {
      const leftOut = [...left.values()].sort((one, other) => other.rows - one.rows || (one.type < other.type ? -1 : 1))
      return { read, used: read - leftOut.reduce((sum, { rows }) => sum + rows, 0), left_out: leftOut }
    }
  }
}
