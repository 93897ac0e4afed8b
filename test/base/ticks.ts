import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { lastTick, nextTick, patternProblem } from '../../src/base/ticks.ts'

const LA = 'America/Los_Angeles'

/** The ticks after `from`, and before the count is full. */
function ticks (pattern: string, timezone: string, from: string, count: number): string[] {
  const found: string[] = []
  for (let at = Date.parse(from); found.length < count;) {
    at = nextTick({ pattern, timezone }, at)
    found.push(new Date(at).toISOString().slice(0, 16))
  }
  return found
}

t.test('a time of day that the clock skips ticks when the clock is put forward', async (t) => {
  t.same(ticks('30 2 * * *', LA, '2026-03-07T00:00Z', 4), ['2026-03-07T10:30', '2026-03-08T10:00', '2026-03-09T09:30', '2026-03-10T09:30'])
  t.same(ticks('0,30 2 * * *', LA, '2026-03-07T12:00Z', 3), ['2026-03-08T10:00', '2026-03-09T09:00', '2026-03-09T09:30'], 'several of them tick once')
  t.same(ticks('0 0 * * *', 'America/Sao_Paulo', '2018-11-03T00:00Z', 3), ['2018-11-03T03:00', '2018-11-04T03:00', '2018-11-05T02:00'], 'midnight too')
  t.same(ticks('0 12 * * *', 'Pacific/Apia', '2011-12-29T00:00Z', 3), ['2011-12-29T22:00', '2011-12-30T10:00', '2011-12-30T22:00'], 'a whole day too')
})

t.test('a time of day that comes twice ticks the first time, wherever one begins', async (t) => {
  t.same(ticks('30 1 * * *', LA, '2026-10-31T00:00Z', 3), ['2026-10-31T08:30', '2026-11-01T08:30', '2026-11-02T09:30'])
  t.same(ticks('30 1 * * *', LA, '2026-11-01T08:30:00.050Z', 1), ['2026-11-02T09:30'], 'a moment after it')
  t.same(ticks('30 1 * * *', LA, '2026-11-01T09:10Z', 1), ['2026-11-02T09:30'], 'in the second hour')
  t.same(ticks('30 2 * * *', 'Europe/Zurich', '2026-10-24T12:00Z', 2), ['2026-10-25T00:30', '2026-10-26T01:30'])
})

t.test('what ticks every hour goes by elapsed time', async (t) => {
  t.same(ticks('*/30 * * * *', LA, '2026-03-08T09:00Z', 3), ['2026-03-08T09:30', '2026-03-08T10:00', '2026-03-08T10:30'])
  t.same(ticks('15 * * * *', LA, '2026-11-01T07:20Z', 4), ['2026-11-01T08:15', '2026-11-01T09:15', '2026-11-01T10:15', '2026-11-01T11:15'])
})

t.test('W is the nearest weekday of the same month, L-3 the third day before the last', async (t) => {
  const days = (pattern: string, count: number, from = '2025-01-01T00:00Z'): string[] => ticks(`0 0 ${pattern}`, 'UTC', from, count).map((at) => at.slice(0, 10))
  t.same(days('15W * *', 4), ['2025-01-15', '2025-02-14', '2025-03-14', '2025-04-15'])
  t.same(days('1W 2,3,6 *', 3), ['2025-02-03', '2025-03-03', '2025-06-02'], 'a Saturday or Sunday at the start of a month goes on')
  t.same(days('31W * *', 4), ['2025-01-31', '2025-03-31', '2025-05-30', '2025-07-31'], 'a Saturday goes back, months without the day are left out')
  t.same(days('LW * *', 4, '2025-05-01T00:00Z'), ['2025-05-30', '2025-06-30', '2025-07-31', '2025-08-29'], 'a Sunday at the end goes back')
  t.same(days('L-3 * *', 3, '2024-02-01T00:00Z'), ['2024-02-26', '2024-03-28', '2024-04-27'])
  t.same(days('L-2W * *', 2, '2025-03-01T00:00Z'), ['2025-03-28', '2025-04-28'], 'the weekday nearest to such a day')
  t.same(days('L-30 * *', 3), ['2025-03-01', '2025-05-01', '2025-07-01'])
  t.same(days('29W 2 *', 2), ['2028-02-29', '2032-02-27'], 'years may lie between')
  t.same(days('l,15w * *', 4), ['2025-01-15', '2025-01-31', '2025-02-14', '2025-02-28'], 'in lists and in small letters')
  t.same(days('31W 2,3 MON', 5, '2025-02-16T00:00Z'), ['2025-02-17', '2025-02-24', '2025-03-03', '2025-03-10', '2025-03-17'], 'beside a day of the week either is enough')
  t.same(ticks('*/30 * LW * *', LA, '2026-10-31T00:00Z', 2), ['2026-10-31T00:30', '2026-10-31T01:00'], 'every hour of such a day')
  t.same(ticks('15 30 4 L-1 * *', 'Europe/Zurich', '2026-03-01T00:00Z', 2), ['2026-03-30T02:30', '2026-04-29T02:30'], 'with seconds')
})

const cases = resolve('../shared/data/cases/consult/cases.json')
t.test('the given cases of cron', { skip: existsSync(cases) ? false : 'the shared cases are not on this machine' }, async (t) => {
  const { cron } = JSON.parse(readFileSync(cases, 'utf8')) as { cron: Array<{ cron: string, timezone: string, after: string, next: string[] }> }
  for (const { cron: pattern, timezone, after, next } of cron) t.same(ticks(pattern, timezone, after, next.length), next.map((at) => at.slice(0, 16)), pattern)
})

t.test('lengths of time count from 1970 in UTC', async (t) => {
  t.same(ticks('every 15m', LA, '2026-11-01T07:50Z', 2), ['2026-11-01T08:00', '2026-11-01T08:15'])
  t.same(ticks('every 1d', LA, '2026-11-01T07:50Z', 1), ['2026-11-02T00:00'])
})

t.test('the latest tick at an instant is the one before the next', async (t) => {
  for (const [pattern, timezone, from] of [
    ['30 2 * * *', LA, '2026-03-06T00:00Z'], ['30 1 * * *', LA, '2026-10-30T00:00Z'], ['0,30 1,2,3 * * *', LA, '2026-10-31T00:00Z'], ['*/20 * * * *', 'Australia/Lord_Howe', '2026-04-04T10:00Z'],
    ['0 0 * * *', 'America/Sao_Paulo', '2018-11-01T00:00Z'], ['0 0 29 2 *', 'Europe/Zurich', '2026-01-01T00:00Z'], ['every 90m', 'UTC', '2026-01-01T00:00Z'], ['* * * * * *', LA, '2026-11-01T08:59:55Z'], ['30 2 1W,15W,L-3 * *', LA, '2026-02-01T00:00Z'], ['0 0 29W 2 *', 'Europe/Zurich', '2026-01-01T00:00Z'],
    ['*/30 * 8W 3,11 *', LA, '2026-01-01T00:00Z']
  ] as const) {
    let before = nextTick({ pattern, timezone }, Date.parse(from))
    for (let i = 0; i < 30; i++) {
      const next = nextTick({ pattern, timezone }, before)
      t.ok(next > before)
      t.same([before, before + 1, next - 1].map((at) => lastTick({ pattern, timezone }, at)), [before, before, before], `${pattern} ${timezone} ${new Date(next).toISOString()}`)
      t.equal(nextTick({ pattern, timezone }, next - 1), next)
      before = next
    }
  }
})

t.test('what is no pattern is told', async (t) => {
  for (const good of ['0 6 * * *', '*/15 0 6 * * MON-FRI', '@daily', 'every 1s', '0 9 L * *', '0 6 * * THU', '0 9 15W * *', '0 9 lw * *', '0 9 L-3,1W * *', '0 9 * * FRI#2', '0 9 * * 5L']) t.equal(patternProblem({ pattern: good, timezone: LA }), undefined, good)
  for (const bad of ['', '* *', '0 6 * *', '61 * * * *', 'a b c d e', 'H H * * *', '0 0 30 2 *', '* * * * * * *', 'every 1ms', 'every 0d', 'every day', '@reboot', '0 9 W * *', '0 9 0W * *', '0 9 32W * *', '0 9 L-31 * *', '0 9 15WW * *', '0 9 1-5W * *', '0 0 30W 2 *', '0 9 * * 15W']) t.type(patternProblem({ pattern: bad, timezone: LA }), 'string', bad)
})
