import { timerMs } from './deadline.ts'

/** Rejects where `work` has not ended in time. The work itself goes on: its outcome is then unknown. */
export async function withTimeout<T> (work: Promise<T>, ms: number): Promise<T> {
  const late = Symbol('late')
  const found = await inTime(work, ms, late)
  if (found === late) throw new Error(`no answer within ${ms} ms`)
  return found as T
}

/** The outcome of `work`, or `otherwise` where it has not ended in time; the work goes on. */
export async function inTime<T, O> (work: Promise<T>, ms: number, otherwise: O): Promise<T | O> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<O>((resolve) => { timer = setTimeout(() => { resolve(otherwise) }, timerMs(ms)) })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
