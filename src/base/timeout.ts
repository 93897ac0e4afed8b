import { timerMs } from './deadline.ts'

/** A limit is counted in so many pieces. */
const PIECES = 10
/** A piece that ends so much later than it should is one in which the event loop stood still. */
const STILL_MS = 50
/** Where it does nothing but stand still, the limit is so many times as long at most. */
const LONGEST = 3

/** Rejects where `work` has not ended in time. The work itself goes on: its outcome is then unknown. */
export async function withTimeout<T> (work: Promise<T>, ms: number): Promise<T> {
  const late = Symbol('late')
  const found = await inTime(work, ms, late)
  if (found === late) throw new Error(`no answer within ${ms} ms`)
  return found as T
}

/** The outcome of `work`, or `otherwise` where it has not ended in time; the work goes on. */
export async function inTime<T, O> (work: Promise<T>, ms: number, otherwise: O): Promise<T | O> {
  const limit = startLimit(ms)
  try {
    return await Promise.race([work, limit.passed.then(() => otherwise)])
  } finally {
    limit.clear()
  }
}

/**
 * Time in which this process stood still does not count: an answer may have come, and nobody has read it yet. After a
 * pause of a busy machine timers are called before sockets are read.
 */
function startLimit (ms: number): { passed: Promise<void>, clear: () => void } {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<void>((resolve) => {
    const piece = ms / PIECES
    const count = (counted: number, turns: number): void => {
      if (counted === PIECES || turns === LONGEST * PIECES) return resolve()
      const due = performance.now() + piece
      timer = setTimeout(() => {
        const isLate = performance.now() - due > piece + STILL_MS
        count(isLate ? counted : counted + 1, turns + 1)
      }, timerMs(piece))
    }
    count(0, 0)
  })
  return { passed, clear: () => { clearTimeout(timer) } }
}
