/** What a TTML document says of its clock. */
export type TtmlClock = { frameRate: number, tickRate: number }

const perUnit = new Map([['h', 3600], ['m', 60], ['s', 1], ['ms', 0.001]])

/** The attributes of `<tt>`, without their prefixes. */
export function readClock (attributes: Record<string, string>): TtmlClock {
  const [numerator = 1, denominator = 1] = (attributes['frameRateMultiplier'] ?? '1 1').split(/[\s:]+/).map(Number)
  const frameRate = positive(attributes['frameRate'], 30) * (numerator / denominator || 1)
  return {
    frameRate,
    tickRate: positive(attributes['tickRate'], attributes['frameRate'] === undefined ? 1 : frameRate)
  }
}

/**
 * Seconds of a TTML time: `00:00:01.5`, `00:00:01:12` (frames), `1.5s`, `36f`, `10000000t`; undefined where it is none.
 */
export function ttmlSeconds (value: string | undefined, { frameRate, tickRate }: TtmlClock): number | undefined {
  const clock = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$/.exec(value?.trim() ?? '')
  if (clock !== null) {
    return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]) + Number(clock[4] ?? 0) / frameRate
  }
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(h|ms|m|s|f|t)$/.exec(value?.trim() ?? '') ?? []
  if (amount === undefined) return undefined
  return unit === 'f'
    ? Number(amount) / frameRate
    : unit === 't'
      ? Number(amount) / tickRate
      : Number(amount) * perUnit.get(unit)!
}

function positive (value: string | undefined, otherwise: number): number {
  const number = Number(value)
  return number > 0 ? number : otherwise
}
