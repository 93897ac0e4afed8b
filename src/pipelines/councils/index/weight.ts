const DAY_MS = 86_400_000

/** tf · ln(N / df); 0 for a gram of every meeting. */
export const tfidfOf = (tf: number, meetings: number, df: number): number => tf * Math.log(meetings / df)

/** Less for what is long ago. A date in the future counts as now. */
export function weightedOf (tfidf: number, eventMs: number, nowMs: number, decayDays: number): number {
  const days = Math.max(0, Math.floor((nowMs - eventMs) / DAY_MS))
  return tfidf / Math.log(days / decayDays + 2)
}
