const formats = new Map<string, Intl.DateTimeFormat>()

export function isZone (name: string): boolean {
  try {
    format(name)
    return true
  } catch {
    return false
  }
}

/** Milliseconds by which the clocks of a zone are ahead of UTC at an instant (milliseconds since 1970). */
export function offsetAt (zone: string, instant: number): number {
  if (zone === 'UTC') return 0
  const parts = new Map(format(zone).formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  const second = Math.floor(instant / 1000) * 1000
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - second
}

/**
 * The instant (milliseconds) at which the clocks of a zone show `local`, a time written as if it
 * were UTC; the first of two.
 */
export function instantOf (zone: string, local: number): number {
  // A day before and after, the clocks have had and have left behind any change of this night.
  const [before, after] = [local - offsetAt(zone, local - 86_400_000), local - offsetAt(zone, local + 86_400_000)]
  const shows = (instant: number): boolean => instant + offsetAt(zone, instant) === local
  return shows(before) || !shows(after) ? before : after
}

/** The first instant after `from`, and not after `to`, whose offset is that of `to`; between them it changes once. */
export function untilOffsetChanges (zone: string, from: number, to: number): number {
  const before = offsetAt(zone, from)
  let [low, high] = [from, to]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

function format (zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone)
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric'
    })
    formats.set(zone, found)
  }
  return found
}
