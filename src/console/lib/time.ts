import { signal } from '@preact/signals'

const TICK_MS = 1000

/** The time by which relative times are told: often enough to be true, seldom enough to be quiet. */
export const now = signal(Date.now())
setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, TICK_MS)

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000]
] as const

/** `4 m`, `3 h`; two units where the larger is small: `1 h 20 m`. */
export function length (ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const at = UNITS.findIndex(([, size]) => ms >= size)
  const [unit, size] = UNITS[at] ?? UNITS[3]
  const [smaller, part] = UNITS[at + 1] ?? ['', 0]
  const count = Math.floor(ms / size)
  const rest = part === 0 || count >= 10 ? 0 : Math.floor((ms % size) / part)
  return rest === 0 ? `${count} ${unit}` : `${count} ${unit} ${rest} ${smaller}`
}

/** `5 m ago`, `in 2 h`, `now`. */
export function relative (instant: string | number, at = now.value): string {
  const ms = at - (typeof instant === 'number' ? instant : Date.parse(instant))
  if (Math.abs(ms) < 5000) return 'now'
  const [unit, size] = UNITS.find(([, one]) => Math.abs(ms) >= one) ?? UNITS[3]
  const count = Math.floor(Math.abs(ms) / size)
  return ms > 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`
}

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const SECONDS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })

/** Local time with the zone's name, then UTC: for whoever points at a time. */
export const absolute = (instant: string | number): string =>
  `${LOCAL.format(new Date(instant))} (${new Date(instant).toISOString()})`

export const clock = (instant: string | number): string => CLOCK.format(new Date(instant))
export const seconds = (instant: string | number): string => SECONDS.format(new Date(instant))
export const day = (instant: string | number): string => DAY.format(new Date(instant))

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** How long a job has run, or ran. */
export function took ({ started, ended }: { started: string | null, ended: string | null }): string {
  if (started === null) return ''
  return length((ended === null ? now.value : Date.parse(ended)) - Date.parse(started))
}

const SPANS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Instant that lies a span (`24h`, `7d`) back; undefined for what is no span. */
export function since (span: string): string | undefined {
  const [, count, unit] = /^(\d+)([mhdw])$/.exec(span) ?? []
  if (count === undefined || unit === undefined) return undefined
  return new Date(Date.now() - Number(count) * (SPANS[unit] ?? 0)).toISOString()
}
