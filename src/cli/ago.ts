import { formatDuration } from '../base/duration.ts'

const UNITS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]] as const

/** How long ago an instant was, in its largest unit. */
export function ago (instant: string | null, now = Date.now()): string {
  if (instant === null) return '-'
  const ms = now - Date.parse(instant)
  // Clocks of two machines differ a little: what has just happened is not in the future.
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? ['', 0]
  if (size === 0) return 'just now'
  const count = Math.floor(ms / size)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}

/** The same for a narrow column: `5 m`, `3 h`, `2 d`. */
export function age (instant: string | null, now = Date.now()): string {
  const [count = '', unit = ''] = ago(instant, now).split(' ')
  return /^\d/.test(count) ? `${count} ${unit[0]}` : instant === null ? '-' : '0 s'
}

/** How long a job took, or has taken until now. */
export function took ({ started, ended }: { started: string | null, ended: string | null }, now = Date.now()): string {
  if (started === null) return ''
  return formatDuration(Math.max(0, (ended === null ? now : Date.parse(ended)) - Date.parse(started)))
}
