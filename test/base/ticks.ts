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

t.test('lengths of time count from 1970 in UTC', async (t) => {
  t.same(ticks('every 15m', LA, '2026-11-01T07:50Z', 2), ['2026-11-01T08:00', '2026-11-01T08:15'])
  t.same(ticks('every 1d', LA, '2026-11-01T07:50Z', 1), ['2026-11-02T00:00'])
})

t.test('the latest tick at an instant is the one before the next', async (t) => {
  for (const [pattern, timezone, from] of [
    ['30 2 * * *', LA, '2026-03-06T00:00Z'], ['30 1 * * *', LA, '2026-10-30T00:00Z'], ['0,30 1,2,3 * * *', LA, '2026-10-31T00:00Z'], ['*/20 * * * *', 'Australia/Lord_Howe', '2026-04-04T10:00Z'],
    ['0 0 * * *', 'America/Sao_Paulo', '2018-11-01T00:00Z'], ['0 0 29 2 *', 'Europe/Zurich', '2026-01-01T00:00Z'], ['every 90m', 'UTC', '2026-01-01T00:00Z'], ['* * * * * *', LA, '2026-11-01T08:59:55Z']
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
  for (const good of ['0 6 * * *', '*/15 0 6 * * MON-FRI', '@daily', 'every 1s', '0 9 L * *', '0 6 * * THU']) t.equal(patternProblem({ pattern: good, timezone: LA }), undefined, good)
  for (const bad of ['', '* *', '0 6 * *', '61 * * * *', 'a b c d e', 'H H * * *', '0 0 30 2 *', '* * * * * * *', 'every 1ms', 'every 0d', 'every day', '@reboot']) t.type(patternProblem({ pattern: bad, timezone: LA }), 'string', bad)
})
