/** What senders are granted (HTTP 1.1 Web Hooks for Event Delivery 1.0.2, section 4). */
export type WebhookSettings = {
  /** DNS names, or `*` for all; none means no consent. */
  origins: string[]
  /** Deliveries per minute of one origin; 0 for no limit. */
  ratePerMinute: number
}

export const readOrigins = (list: string): string[] =>
  list
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '')

/** Whole and without case: a part of a name is another sender's. */
const isAllowed = (origin: string, origins: string[]): boolean =>
  origins.some((one) => one.toLowerCase() === origin.toLowerCase())

/** The headers that consent to deliveries, or undefined where there is no consent. */
export function consent (
  origin: string | undefined,
  rate: string | undefined,
  { origins, ratePerMinute }: WebhookSettings
): Record<string, string> | undefined {
  if (origin === undefined || origin === '') return undefined
  const all = origins.includes('*')
  if (!all && !isAllowed(origin, origins)) return undefined
  return {
    'webhook-allowed-origin': all ? '*' : origin,
    'webhook-allowed-rate': grantedRate(rate, ratePerMinute),
    allow: 'POST'
  }
}

function grantedRate (asked: string | undefined, cap: number): string {
  if (cap === 0) return '*'
  const wanted = /^\d{1,15}$/.test(asked ?? '') ? Number(asked) : 0
  return String(wanted > 0 ? Math.min(wanted, cap) : cap)
}
