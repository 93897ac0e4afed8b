/** Parts of a day as clerks type them, in minutes from its begin. */
const WORDS: ReadonlyArray<readonly [RegExp, number]> = [
  [/^(?:12(?::00)? ?)?noon\b/, 720],
  [/^(?:12(?::00)? ?)?midnight\b/, 0]
]

/**
 * The minutes from the begin of the day of a time as people type it: `13:00`, `9:30 a.m.`, `10 AM`, `NOON`, `6:00:00
 * PM`. What stands behind a time does not matter. Undefined where a person would be in doubt, as with `6:00`.
 */
export function minutesOfDay (text: string): number | undefined {
  const plain = text.toLowerCase().replace(/\s+/g, ' ').trim().replace(/\b([ap])\.? ?m\b\.?/g, '$1m')
  const word = WORDS.find(([pattern]) => pattern.test(plain))
  if (word !== undefined) return word[1]
  const [, hours = '', minutes = '0', half] =
    /^(\d{1,2})(?:[:.](\d\d))?(?::\d\d(?:\.\d+)?)? ?([ap]m)\b/.exec(plain) ??
    /^(\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?(?![\d:])/.exec(plain) ??
    []
  if (hours === '' || Number(minutes) > 59) return undefined
  return half === undefined ? onWholeClock(hours, Number(minutes)) : onHalfClock(Number(hours), Number(minutes), half)
}

function onHalfClock (hours: number, minutes: number, half: string): number | undefined {
  if (hours > 12 || hours === 0) return hours > 12 && hours < 24 && half === 'pm' ? hours * 60 + minutes : undefined
  return (hours % 12 + (half === 'pm' ? 12 : 0)) * 60 + minutes
}

/**
 * No meeting begins at one in the night, and many at one in the afternoon: a zero in front says which clock is meant.
 */
function onWholeClock (hours: string, minutes: number): number | undefined {
  const number = Number(hours)
  const isDoubtful = hours.length === 1 && number >= 1 && number <= 7
  return number > 23 || isDoubtful ? undefined : number * 60 + minutes
}
