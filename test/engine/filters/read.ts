import fc from 'fast-check'
import t, { type Test } from 'tap'
import { makePlan } from '../../../src/engine/dispatch/plan.ts'
import { readEvent, type DispatchEvent } from '../../../src/base/event.ts'
import type { Clause } from '../../../src/engine/filters/clause.ts'
import { createFacts } from '../../../src/engine/filters/facts.ts'
import { readClause } from '../../../src/engine/filters/read.ts'
import { loadLookups, mayStart, type Lookups } from '../../../src/engine/lookups/lookups.ts'
import { explainRules, listEntries, matchEntries } from '../../../src/engine/lookups/matching.ts'
import { checkRun } from '../../../src/runners/entry.ts'
import { shipped } from '../../../src/roles/shipped.ts'
import { openAnyBackend } from '../../fixtures/servers.ts'
import { openService, step, temporaryFolder, writeLookups } from '../../fixtures/service.ts'

const { processes: builtIns } = shipped

type Match = Record<string, unknown>

const event = (fields: Record<string, unknown> = {}): DispatchEvent => readEvent({ id: '1', source: '/staging', type: 'new_assembly', subject: 'homo_sapiens', ...fields }).event

async function clauseOf (match: unknown): Promise<Clause> {
  const problems: string[] = []
  const clause = await readClause(match, 'match', problems)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return clause
}

async function problemsOf (match: unknown): Promise<string> {
  const problems: string[] = []
  await readClause(match, 'match', problems)
  return problems.join('\n')
}

const decide = async (match: unknown, fields?: Record<string, unknown>) => (await clauseOf(match)).decide(createFacts(event(fields)))

async function load (t: Test, events: Record<string, unknown>, processes: Record<string, unknown>): Promise<Lookups> {
  const folder = temporaryFolder(t)
  writeLookups(folder, { events, processes })
  return await loadLookups({ folder, checkRun, builtIns })
}

t.test('fields are compared by exact, prefix and suffix, or only have to be there', async (t) => {
  const cases: Array<[Match, Record<string, unknown>, boolean, string]> = [
    [{ type: 'new_assembly' }, {}, true, 'type is new_assembly'],
    [{ type: 'new_' }, {}, false, 'type is new_assembly, not new_'],
    [{ type: { exact: 'new_assembly' } }, {}, true, 'type is new_assembly'],
    [{ type: { prefix: 'new_' } }, {}, true, 'type has the prefix new_'],
    [{ type: { prefix: 'NEW_' } }, {}, false, 'type is new_assembly, without the prefix NEW_'],
    [{ subject: { suffix: '_sapiens' } }, {}, true, 'subject has the suffix _sapiens'],
    [{ subject: { prefix: 'homo', suffix: 'musculus' } }, {}, false, 'subject is homo_sapiens, without the suffix musculus'],
    [{ genome: '*' }, { genome: 'mouse' }, true, 'there is a genome'],
    [{ genome: '*' }, {}, false, 'there is no genome'],
    [{ genome: '*' }, { genome: null }, false, 'there is no genome'],
    [{ genome: { exact: '*' } }, { genome: '*' }, true, 'genome is *'],
    [{ data: '*', type: 'x' }, {}, false, ''],
    [{ division: { prefix: 'e' } }, { division: { name: 'e' } }, false, 'division is no text'],
    [{ release: '110', dryrun: 'true' }, { release: 110, dryrun: true }, true, 'release is 110 and dryrun is true'],
    [{ exact: { type: 'new_assembly', subject: 'homo_sapiens' } }, {}, true, 'type is new_assembly and subject is homo_sapiens'],
    [{ prefix: { type: 'new_', subject: 'mus' } }, {}, false, 'subject is homo_sapiens, without the prefix mus'],
    [{ suffix: { type: '_assembly' } }, {}, true, 'type has the suffix _assembly'],
    [{ exact: { all: 'of it' } }, { all: 'of it' }, true, 'all is of it']
  ]
  for (const [match, fields, holds, reason] of cases) {
    if (reason === '') t.match(await problemsOf(match), /match\/data cannot be compared/)
    else t.same(await decide(match, fields), { holds, reason }, JSON.stringify(match))
  }
})

t.test('all, any and not combine clauses, and the reason is the clause that decided', async (t) => {
  const type = { type: { prefix: 'new_' } }
  const mouse = { subject: { prefix: 'mus' } }
  const human = { subject: { prefix: 'homo' } }
  t.same(await decide({ all: [type, human] }), { holds: true, reason: 'type has the prefix new_ and subject has the prefix homo' })
  t.same(await decide({ all: [type, mouse, { genome: '*' }] }), { holds: false, reason: 'subject is homo_sapiens, without the prefix mus' })
  t.same(await decide({ any: [mouse, human] }), { holds: true, reason: 'subject has the prefix homo' })
  t.same(await decide({ any: [mouse, { genome: '*' }] }), { holds: false, reason: 'subject is homo_sapiens, without the prefix mus and there is no genome' })
  t.same(await decide({ not: mouse }), { holds: true, reason: 'subject is homo_sapiens, without the prefix mus' })
  t.same(await decide({ not: { genome: '*' } }), { holds: true, reason: 'there is no genome' })
  t.same(await decide({ ...type, not: human }), { holds: false, reason: 'subject has the prefix homo' }, 'beside each other all must hold')
})

t.test('cel looks into the data; what fails does not hold, and neither does its opposite', async (t) => {
  const fields = { data: { count: 4, ratio: 0.5, name: 'Alpha', tags: ['a', 'b'], items: [{ size: 1 }, { size: 9 }], none: null, when: '2026-11-21T10:30:00Z' } }
  const cases: Array<[string, boolean | undefined]> = [
    ["event.data.count > 3 && event.subject.startsWith('homo')", true],
    ['event.data.count == 4', true],
    ['event.data.count > 4', false],
    ['event.data.ratio * 2.0 == 1.0', true],
    ["event.data.name.lowerAscii() == 'alpha'", true],
    ["event.data.name.contains('lph') && event.data.name.endsWith('a')", true],
    ["'b' in event.data.tags", true],
    ["event.type in ['new_assembly', 'new_genebuild']", true],
    ['event.data.items.exists(x, x.size > 8)', true],
    ['event.data.items.all(x, has(x.size) && x.size > 8)', false],
    ['event.data.items.exists_one(x, x.size == 1)', true],
    ["event.data.tags.exists(x, event.type.endsWith('assembly') && x == 'a')", true],
    ['has(event.data.count)', true],
    ['has(event.data.other)', false],
    ['!has(event.data.other) || event.data.other == 1', true],
    ['event.data.none == null', true],
    ["event.data['count'] == 4", true],
    ["timestamp(event.data.when) > timestamp('2026-01-01T00:00:00Z')", true],
    ["timestamp(event.data.when).getHours() == 10 && timestamp(event.data.when) - timestamp('2026-11-21T10:00:00Z') == duration('30m')", true],
    ["int('12') + int(event.data.count) == 16", true],
    ['size(event.data.tags) == 2', true],
    ['event.data.other > 1', undefined],
    ['event.data.name > 1', undefined],
    ['event.data.count', undefined],
    ['int(event.data.name) == 1', undefined]
  ]
  for (const [cel, holds] of cases) {
    t.equal((await decide({ cel }, fields)).holds, holds, cel)
    t.equal((await decide({ not: { cel } }, fields)).holds, holds === undefined ? undefined : !holds, `not ${cel}`)
  }
  t.same(await decide({ cel: 'event.data.other > 1' }, fields), { holds: undefined, reason: 'cel event.data.other > 1 fails: field not found: other' })
  t.same(await decide({ cel: 'event.data.count > 3', type: 'new_assembly' }, fields), { holds: true, reason: 'type is new_assembly and cel event.data.count > 3 is true' }, 'fields come before cel')
  t.equal((await decide({ any: [{ cel: 'event.data.other > 1' }, { type: 'new_assembly' }] }, fields)).holds, true)
  t.equal((await decide({ all: [{ cel: 'event.data.other > 1' }, { type: 'else' }] }, fields)).holds, false)
})

t.test('a clause with errors is refused with its place', async (t) => {
  const deep = (n: number): Match => n === 0 ? { type: 'a' } : { not: deep(n - 1) }
  const cases: Array<[unknown, RegExp]> = [
    [{}, /match is empty: it would match every event/],
    [{ not: {} }, /match\/not is empty/],
    [{ all: [] }, /match\/all must be a list of clauses that is not empty/],
    [{ any: [{ type: 'a' }, {}] }, /match\/any\/1 is empty/],
    [{ any: { type: 'a' } }, /match\/any must be a list/],
    [{ all: ['a'] }, /match\/all\/0 must be a clause/],
    [{ exact: {} }, /match\/exact must be an object of fields/],
    [{ prefix: 'a' }, /match\/prefix must be an object of fields/],
    [{ prefix: { type: '' } }, /match\/prefix\/type must be a text of 1 to 1000 characters/],
    [{ suffix: { data: 'x' } }, /match\/suffix\/data cannot be compared/],
    [{ type: { prefix: '' } }, /match\/type\/prefix must be a text/],
    [{ type: '' }, /match\/type must be a text/],
    [{ type: 'a'.repeat(1001) }, /match\/type must be a text/],
    [{ type: { regex: 'a+' } }, /match\/type\/regex is not known/],
    [{ type: 5 }, /match\/type is no operator .* and a field needs a text/],
    [{ type: {} }, /match\/type is no operator/],
    [{ or: [{ type: 'a' }] }, /match\/or is no operator/],
    [{ sql: "type = 'a'" }, /match\/sql is not known here: write the condition as "cel"/],
    [deep(8), /match(\/not){8} is nested deeper than 8 clauses/],
    [deep(2000), /is nested deeper than 8 clauses/],
    [{ any: Array.from({ length: 101 }, (_, i) => ({ type: String(i) })) }, /match has more than 100 parts/],
    [{ cel: 5 }, /match\/cel must be an expression of 1 to 1000 characters/],
    [{ cel: `event.type == '${'a'.repeat(1000)}'` }, /match\/cel must be an expression of 1 to 1000/],
    [{ cel: 'event.type == == 1' }, /match\/cel at character 12: found =/],
    [{ all: [{ type: 'a' }, { cel: '1 +' }] }, /match\/all\/1\/cel at character 3: /],
    [{ cel: '('.repeat(1000) }, /match\/cel /],
    [{ cel: 'true' }, /match\/cel at character 1: says nothing of event/],
    [{ cel: 'evnt.type == 1' }, /at character 1: there is no evnt: an expression is about event/],
    [{ cel: 'event.n == 1 && nosuch(event.n)' }, /at character 17: there is no function nosuch here/],
    [{ cel: "event.type.matches('(a+)+$')" }, /at character 11: matches is not allowed: a regular expression/],
    [{ cel: 'event.data.map(x, x)' }, /map is not allowed/],
    [{ cel: 'event.data.filter(x, true) == []' }, /filter is not allowed/],
    [{ cel: "event.data.join('')" }, /there is no function join/],
    [{ cel: "event.type.replace('a', 'b') == ''" }, /there is no function replace/],
    [{ cel: 'event.data.all(x, x.all(y, true))' }, /all is not allowed within another macro/],
    [{ cel: 'event.data.all(x, x in event.data)' }, /only x and event\.id, .* can be used within a macro/],
    [{ cel: 'event.data.all(event, event)' }, /needs a name of its own/],
    [{ cel: 'event.data.a.contains(event.data.b)' }, /contains can look for a text that is written here/],
    [{ cel: 'a.b.Message{x: event.id}' }, /there is no type a\.b\.Message/],
    [{ cel: `event.n in [${'1,'.repeat(250)}1]` }, /has more than 100 parts/]
  ]
  for (const [match, message] of cases) t.match(await problemsOf(match), message, JSON.stringify(match)?.slice(0, 100))
  const good = { p: step() }
  await t.rejects(load(t, { big: { match: { all: [{ cel: 'event.type ==' }] }, processes: ['p'] }, empty: { match: {}, processes: [] } }, good), {
    code: 'INVALID_LOOKUPS',
    message: /event_lookup\.json: big\/match\/all\/0\/cel at character \d+: [\s\S]*event_lookup\.json: empty\/match is empty/
  })
  await t.rejects(load(t, { list: { match: [], processes: ['p'] } }, good), { message: /event_lookup\.json: list\/match must be object/ })
  await t.rejects(load(t, { pattern: { match: { type: { prefix: 'a' } }, processes: ['nothing'] } }, good), { message: /pattern starts nothing, which process_lookup\.json does not define/ })
})

t.test('entries apply in the order of the file, and a process starts once, for the first that names it', async (t) => {
  const processes = { p: step(), q: step(), r: step(), s: step() }
  const lookups = await load(t, {
    early: { match: { subject: { prefix: 'homo' } }, processes: ['q', 'p'] },
    new_assembly: ['p', 'r'],
    named: { match: { any: [{ type: 'new_assembly' }, { type: 'new_genebuild' }] }, processes: ['r', 's'] },
    other: { match: { type: 'other' }, processes: ['p'] },
    new_: ['s']
  }, processes)
  t.same(matchEntries(lookups, event()).map(({ entry }) => entry), ['early', 'new_assembly', 'named'])
  const plan = makePlan(readEvent({ type: 'new_assembly', subject: 'homo_sapiens' }), lookups)
  t.same(plan.jobs.map((job) => job.process), ['q', 'p', 'r', 's'])
  t.equal(plan.jobs[0]?.reason, 'event_lookup.json: early: subject has the prefix homo; process_lookup.json puts q on the queue q')
  t.equal(plan.jobs[2]?.reason, 'event_lookup.json lists r for new_assembly; process_lookup.json puts it on the queue r')
  t.equal(plan.jobs[3]?.reason, 'event_lookup.json: named: type is new_assembly; process_lookup.json puts s on the queue s')
  t.same(listEntries(lookups).map(({ type }) => type), ['early', 'new_assembly', 'named', 'other', 'new_'])
  t.match(makePlan(readEvent({ type: 'new_genebuild' }), lookups), { listed: true, entries: ['named'], jobs: [{ process: 'r' }, { process: 's' }] })
  t.match(makePlan(readEvent({ type: 'unlisted' }), lookups), { listed: false, jobs: [] })
  t.match(makePlan(readEvent({ type: 'named' }), lookups), { listed: false, jobs: [] }, 'the key of an entry with a match is only a name')
})

t.test('the order of entries counts where one has a match: another order is another hash', async (t) => {
  const a = { match: { type: 'x' }, processes: ['p'] }
  const b = { match: { type: 'x' }, processes: ['q'] }
  const processes = { p: step(), q: step() }
  t.not((await load(t, { a, b }, processes)).hash, (await load(t, { b, a }, processes)).hash)
})

t.test('only entries whose type may fit are asked; without a match none is', async (t) => {
  const processes = { p: step() }
  const exact = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`n${i}`, { match: { type: `t${i}`, cel: 'event.data.x > 1' }, processes: ['p'] }]))
  const lookups = await load(t, { ...exact, pattern: { match: { type: { prefix: 't' } }, processes: ['p'] } }, processes)
  const asked: string[] = []
  for (const filter of lookups.filters?.all ?? []) {
    const { decide } = filter.clause
    filter.clause.decide = (facts) => {
      asked.push(filter.type)
      return decide(facts)
    }
  }
  t.same(matchEntries(lookups, event({ type: 't7', data: { x: 2 } })).map(({ entry }) => entry), ['n7', 'pattern'])
  t.same(asked, ['n7', 'pattern'])
  t.equal((await load(t, { a: ['p'] }, processes)).filters, undefined)
})

t.test('which processes a type may start is known without an event', async (t) => {
  const processes = { p: step(), q: step(), r: step(), s: step(), u: step() }
  const lookups = await load(t, {
    listed: ['p'],
    prefix: { match: { type: { prefix: 'new_' }, subject: 'mouse' }, processes: ['q'] },
    not: { match: { not: { type: { suffix: '_done' } } }, processes: ['r'] },
    silent: { match: { cel: 'event.data.x > 1' }, processes: ['s'] },
    either: { match: { any: [{ type: 'listed' }, { all: [{ type: 'new_a' }, { source: '/x' }] }] }, processes: ['u', 'p'] }
  }, processes)
  t.same(mayStart(lookups, 'listed'), ['p', 'r', 's', 'u'])
  t.same(mayStart(lookups, 'new_a'), ['q', 'r', 's', 'u', 'p'])
  t.same(mayStart(lookups, 'new_done'), ['q', 's'])
  t.same(mayStart(lookups, 'prefix'), ['r', 's'])
})

t.test('a loop of emits through a match is found', async (t) => {
  const round = { p: step({ emits: ['new_b'] }) }
  await t.rejects(load(t, { a: { match: { type: { prefix: 'new_' } }, processes: ['p'] } }, round), { message: /a loop of emits: new_b → p → new_b/ })
  const maybe = await load(t, { a: { match: { type: { prefix: 'new_' }, cel: 'event.data.again' }, processes: ['p'] } }, round)
  t.match(maybe.warnings, [/emits can go round, if the match of an entry holds for more than the type: new_b → p → new_b/])
  t.same((await load(t, { new_a: ['p'], a: { match: { type: { suffix: '_b' } }, processes: [] } }, round)).warnings, [], 'a type that a match takes is no stranger')
  const { warnings } = await load(t, { a: { match: { type: 'x' }, processes: ['p'], example: { type: 'y' } }, b: { match: { type: 'x' }, processes: [], example: {} } }, round)
  t.match(warnings, [/p emits new_b, which event_lookup\.json does not list/, /a: its match does not apply to its example: type is y, not x/, /b\/example: type is required/])
})

t.test('names that every object has are ordinary names', async (t) => {
  const hostile = JSON.parse('{"type":"constructor","data":{"constructor":"c","toString":null,"$typeName":"google.protobuf.Any"}}') as Record<string, unknown>
  const match = JSON.parse('{"type":"constructor","__proto__":{"prefix":"p"}}') as Match
  // An event that brings it is refused before any filter (test/base/event.ts).
  t.same(await decide(match, hostile), { holds: false, reason: 'there is no __proto__' })
  t.same(await decide(match, { type: 'constructor' }), { holds: false, reason: 'there is no __proto__' })
  t.same(await decide({ constructor: '*' }), { holds: false, reason: 'there is no constructor' })
  t.same(await decide({ exact: { hasOwnProperty: 'x' } }), { holds: false, reason: 'there is no hasOwnProperty' })
  const cases: Array<[string, boolean | undefined]> = [
    ["event.data.constructor == 'c'", true],
    ['event.constructor == 1', undefined],
    ['has(event.data.valueOf)', false],
    ['has(event.data.__proto__)', false],
    ["event.data['$typeName'] == 'google.protobuf.Any'", true],
    ["'prototype' in event.data", false],
    ["'__proto__' in event", false]
  ]
  for (const [cel, holds] of cases) t.equal((await decide({ cel }, hostile)).holds, holds, cel)
  const lookups = await load(t, JSON.parse('{"__proto__":{"match":{"type":"constructor"},"processes":["toString"]},"constructor":["valueOf"]}') as Record<string, unknown>, { toString: step(), valueOf: step() })
  t.same(makePlan(readEvent({ type: 'constructor' }), lookups).jobs.map((job) => job.process), ['toString', 'valueOf'])
  t.equal(matchEntries(lookups, event({ type: '__proto__' })).length, 0)
})

t.test('an event with too many values for a macro is told so, not walked', async (t) => {
  const { clause, visited } = await watched('event.data.l.exists(x, x > 2)')
  t.match(clause.decide(createFacts(event({ data: { l: Array(200_000).fill('') } }))), { holds: undefined, reason: /is not asked: the event has too many values \(2000\d\d\) for it/ })
  t.equal(visited(), 1, 'the values are counted once')
  t.equal((await decide({ cel: 'event.data.l.exists(x, x > 2)' }, { data: { l: Array(10_000).fill(3) } })).holds, true)
  t.equal((await decide({ cel: 'size(event.data.l) > 2' }, { data: { l: Array(200_000).fill(3) } })).holds, true, 'without a macro any number will do')
  const nested = JSON.parse('['.repeat(60) + ']'.repeat(60)) as unknown
  t.equal((await decide({ cel: 'event.data == event.data' }, { data: nested })).holds, true)
  t.equal((await decide({ cel: 'int(event.data) > 1' }, { data: '9'.repeat(1_000_000) })).holds, undefined)
  t.equal((await decide({ cel: "event.data.contains('ab')" }, { data: 'a'.repeat(1_000_000) })).holds, false)
  const tooDeep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown
  t.match((await clauseOf({ cel: 'event.data == 1' })).decide(createFacts({ id: '1', source: '/', type: 't', data: tooDeep })), { holds: undefined, reason: /fails/ })
})

/** Counts how often the event is turned into what an expression sees. */
async function watched (cel: string): Promise<{ clause: Clause, visited: () => number }> {
  const inner = await clauseOf({ any: [{ cel }, { cel }] })
  let count = 0
  return {
    visited: () => count,
    clause: {
      ...inner,
      decide: ({ event }) => {
        const facts = createFacts(new Proxy(event, { ownKeys: (target) => { count++; return Reflect.ownKeys(target) } }))
        return inner.decide(facts)
      }
    }
  }
}

const atom: fc.Arbitrary<Match> = fc.oneof(
  fc.record({ type: fc.constantFrom('a', 'b', { prefix: 'a' }, { suffix: 'b' }, '*') }),
  fc.record({ subject: fc.constantFrom('a', '*', { exact: 'b' }) }),
  fc.record({ cel: fc.constantFrom('event.data.x > 1', "event.data == 'a'", 'has(event.data.y)', 'event.data.all(x, x == 1)') }),
  fc.record({ exact: fc.dictionary(fc.constantFrom('type', 'genome', '__proto__', 'constructor'), fc.constantFrom('a', 'b'), { minKeys: 1 }) })
)
const anyClause = fc.letrec<{ clause: Match }>((tie) => ({
  clause: fc.oneof({ depthSize: 'small', maxDepth: 3 }, atom, fc.record({ not: tie('clause') }), fc.record({ all: fc.array(tie('clause'), { minLength: 1, maxLength: 3 }) }), fc.record({ any: fc.array(tie('clause'), { minLength: 1, maxLength: 3 }) }))
})).clause
const anyEvent = fc.record({
  type: fc.constantFrom('a', 'b', 'ab', '__proto__'),
  subject: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
  genome: fc.oneof(fc.constantFrom('a', 'b'), fc.jsonValue()),
  data: fc.oneof(fc.jsonValue(), fc.record({ x: fc.integer({ min: 0, max: 3 }) }), fc.array(fc.constantFrom(1, 'a')))
}).map((fields): DispatchEvent => ({ id: '1', source: '/', ...fields } as DispatchEvent))

const holds = async (match: Match, one: DispatchEvent) => (await clauseOf(match)).decide(createFacts(one)).holds

t.test('properties: twice not is the clause itself, all and any by de Morgan, and what the type says is so', async (t) => {
  await fc.assert(fc.asyncProperty(anyClause, anyClause, anyEvent, async (a, b, one) => {
    const negated = await holds({ not: a }, one)
    const plain = await holds(a, one)
    return await holds({ not: { not: a } }, one) === plain &&
      negated === (plain === undefined ? undefined : !plain) &&
      await holds({ not: { all: [a, b] } }, one) === await holds({ any: [{ not: a }, { not: b }] }, one) &&
      await holds({ not: { any: [a, b] } }, one) === await holds({ all: [{ not: a }, { not: b }] }, one)
  }), { numRuns: 300 })
  await fc.assert(fc.asyncProperty(anyClause, anyEvent, async (match, one) => {
    const clause = await clauseOf(match)
    const { holds } = clause.decide(createFacts(one))
    const said = clause.ofType(one.type)
    return (said === undefined || holds === said) && (holds !== true || (clause.types?.includes(one.type) ?? true))
  }), { numRuns: 300 })
  t.pass('all hold')
})

t.test('property: no event makes the matching throw', async (t) => {
  const lookups = await load(t, {
    a: ['p'],
    fields: { match: { any: [{ genome: '*' }, { prefix: { type: 'a', constructor: 'x' } }, { not: { suffix: { subject: 'x' } } }] }, processes: ['p'] },
    cel: { match: { cel: "event.data.x > 1 || event.data.l.exists(x, x.y.startsWith('a')) || event.genome == event.data || 'x' in event.data" }, processes: ['p'] }
  }, { p: step() })
  fc.assert(fc.property(fc.record({ type: fc.string(), genome: fc.jsonValue(), data: fc.jsonValue() }), fc.dictionary(fc.string(), fc.jsonValue()), (fields, more) => {
    const one = { id: '1', source: '/', ...more, ...fields } as DispatchEvent
    const applied = matchEntries(lookups, one).map(({ entry }) => entry)
    const explained = explainRules(lookups, one).filter((rule) => rule.applied).map(({ entry }) => entry)
    t.same(applied.filter((entry) => entry !== 'a'), explained)
  }), { numRuns: 300 })
})

t.test('over HTTP: a match starts jobs for types that are no key, ?dry_run=true explains, and /event_types shows it', async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const match = { type: { prefix: 'new_' }, cel: 'event.data.count > 3' }
  const { call } = await openService(t, {
    backend: backend.url,
    roles: ['api'],
    lookups: { events: { listed: [], big_genomes: { match, processes: ['p'], example: { type: 'new_x', data: { count: 5 } } } }, processes: { p: step() } }
  })
  const body = { type: 'new_assembly', data: { count: 4 } }
  const accepted = await call('POST', '/jobs', body)
  t.equal(accepted.status, 202)
  t.match(accepted.body, [['p', String]])
  t.equal((await call('POST', '/jobs', { type: 'new_assembly', data: { count: 3 } })).status, 404)
  t.equal((await call('POST', '/jobs', { type: 'big_genomes', data: { count: 4 } })).status, 404)
  const plan = await call('POST', '/jobs?dry_run=true', body)
  const reason = 'type has the prefix new_ and cel event.data.count > 3 is true'
  t.match(plan.body, { jobs: [{ process: 'p', reason: `event_lookup.json: big_genomes: ${reason}; process_lookup.json puts p on the queue p` }], rules: [{ entry: 'big_genomes', applied: true, reason }] })
  t.match((await call('POST', '/jobs?dry_run=true', { type: 'listed' })).body, { jobs: [], rules: [{ entry: 'big_genomes', applied: false, reason: 'type is listed, without the prefix new_' }] })
  t.equal((await call('POST', '/jobs?dry_run=true', { type: 'unknown' })).status, 404)
  t.match((await call('GET', '/event_types')).body.items, [{ type: 'listed', match: null }, { type: 'big_genomes', match, processes: ['p'] }])
  t.match((await call('GET', '/metrics')).body, /events_accepted_total\{type="big_genomes",repeated="false"\} 1/)
  t.match((await call('GET', '/openapi.json')).body.paths['/jobs'].post.requestBody.content['application/json'].examples.big_genomes.value, { type: 'new_x' })
})
