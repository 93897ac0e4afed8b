import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { deadline, timerMs } from '../../src/base/deadline.ts'
import { readPreprocessParams } from '../../src/pipelines/consultations/preprocess_params.ts'
import { HOME } from '../fixtures/places.ts'

t.test('the time of a timer is a whole number within its range, and never before the time is over', async (t) => {
  t.equal(timerMs(8712.0625), 8713)
  t.equal(timerMs(0.2), 1)
  t.equal(timerMs(-3), 0)
  t.equal(timerMs(Number.NaN), 0)
  t.equal(timerMs(Infinity), 2147483647)
  t.equal(timerMs(2147483647.5), 2147483647)
  fc.assert(fc.property(fc.double(), (ms) => {
    const timer = timerMs(ms)
    return Number.isInteger(timer) && timer >= 0 && timer <= 2147483647 && !(timer < ms && ms <= 2147483647)
  }))
  t.equal(deadline(1e12).aborted, false)
  t.equal(readPreprocessParams({ timeout_seconds: 8.7125 }, 2).timeoutMs, 8713)
})

/** The arguments of the call whose bracket opens at `from`. */
function argumentsOf (code: string, from: number): string[] {
  const parts: string[] = ['']
  let depth = 0
  for (let at = from; at < code.length; at++) {
    const sign = code.charAt(at)
    if ('([{'.includes(sign)) depth++
    if (')]}'.includes(sign)) depth--
    if (depth === 0) break
    if (sign === ',' && depth === 1) parts.push('')
    else if (at > from) parts[parts.length - 1] += sign
  }
  return parts.map((part) => part.trim())
}

t.test('no timer is started with a number that was not made one for timers', async (t) => {
  const files = readdirSync(join(HOME, 'src'), { recursive: true }).map(String).filter((file) => /\.tsx?$/.test(file))
  const wrong: string[] = []
  for (const file of files.filter((name) => name !== 'base/deadline.ts')) {
    const code = readFileSync(join(HOME, 'src', file), 'utf8')
    if (code.includes('AbortSignal.timeout(')) wrong.push(`${file}: AbortSignal.timeout instead of deadline`)
    for (const match of code.matchAll(/\bset(?:Timeout|Interval)\(/g)) {
      const [, ms = ''] = argumentsOf(code, match.index + match[0].length - 1)
      if (!/^[A-Z][A-Z_]*$|^timerMs\(/.test(ms)) wrong.push(`${file}: ${match[0]}…, ${ms})`)
    }
  }
  t.same(wrong, [])
})
