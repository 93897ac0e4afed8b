/** Milliseconds. */
export type Latency = { p50: number, p95: number, p99: number }

/** Of several rounds. The machine is noisy: best and median say more than a mean. */
export type Spread = { best: number, median: number, min: number, max: number }

export function latencyOf (values: number[]): Latency {
  const sorted = [...values].sort((a, b) => a - b)
  return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) }
}

export function spreadOf (values: number[], better: 'high' | 'low'): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const min = sorted[0] ?? NaN
  const max = sorted.at(-1) ?? NaN
  return { best: better === 'high' ? max : min, median: quantile(sorted, 0.5), min, max }
}

function quantile (sorted: number[], q: number): number {
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? NaN
  const high = sorted[Math.ceil(at)] ?? NaN
  return round(low + (high - low) * (at - Math.floor(at)))
}

export const round = (value: number, digits = 3): number => Number(value.toFixed(digits))
