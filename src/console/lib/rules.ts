import type { ProcessView } from '../../schemas/lookups.ts'
import { length } from './time.ts'

type Rule = Record<string, unknown>

/** The rules of a process in words. */
export function rulesOf ({ attempts, timeout_ms: timeoutMs, concurrency, gate }: ProcessView): string {
  const said = [
    attempts > 1 && `${attempts} attempts`,
    timeoutMs !== null && `${length(timeoutMs)} at most`,
    concurrency !== null && `${concurrency} at once in a worker`,
    ...Object.entries(gate).map(([name, value]) => sayGate(name, value))
  ]
  return said.filter((one) => typeof one === 'string').join(', ')
}

function sayGate (name: string, value: unknown): string {
  const rule = (typeof value === 'object' && value !== null ? value : {}) as Rule
  const say = Object.hasOwn(GATES, name) ? GATES[name] : undefined
  const rest =
    Object.keys(rule).length > 0
      ? Object.entries(rule)
        .map(([key, one]) => `${key} ${plain(one)}`)
        .join(', ')
      : plain(value)
  return say === undefined ? `${name} ${rest}` : say(rule, rest)
}

const GATES: Record<string, (rule: Rule, rest: string) => string> = {
  coalesce: ({ by, quiet }, rest) =>
    quiet === undefined
      ? `merges triggers (${rest})`
      : `merges triggers of one ${plain(by)} until ${plain(quiet)} of quiet`,
  defer: ({ by, within }, rest) =>
    by === undefined
      ? `waits (${rest})`
      : `waits while more may come for its ${plain(by)}, ${plain(within)} at most`,
  wait_for: (_rule, rest) => `waits for ${rest}`,
  limit: ({ per_key: perKey, concurrency }, rest) => {
    if (concurrency !== undefined) return `${plain(concurrency)} at once in all`
    return perKey === undefined ? `limited (${rest})` : `${plain(perKey)} at once per subject`
  }
}

const plain = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))
