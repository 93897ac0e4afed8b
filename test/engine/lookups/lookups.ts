import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readEvent } from '../../../src/base/event.ts'
import { loadLookups, type Lookups } from '../../../src/engine/lookups/lookups.ts'
import { makePlan, withDefaults } from '../../../src/engine/dispatch/plan.ts'
import { checkRun } from '../../../src/runners/entry.ts'
import { shipped as ours } from '../../../src/roles/shipped.ts'
import { countIn } from '../../fixtures/built-ins.ts'
import { temporaryFolder, writeLookups, step } from '../../fixtures/service.ts'
import { HOME } from '../../fixtures/places.ts'

const builtIns = countIn('count', 'dump_dna')

async function load (t: Test, events: Record<string, unknown>, processes: Record<string, unknown>): Promise<Lookups> {
  const folder = temporaryFolder(t)
  writeLookups(folder, { events, processes })
  return await loadLookups({ folder, checkRun, builtIns })
}

t.test('the plain original form and the object form mean the same', async (t) => {
  const plain = await load(t, { e: ['dump_dna'] }, { dump_dna: 'dna_queue' })
  const rich = await load(t, { e: { processes: ['dump_dna'], description: 'x' } }, { dump_dna: { queue: 'dna_queue', run: { module: 'dump_dna' } } })
  t.same(plain.eventTypes.get('e')?.processes, rich.eventTypes.get('e')?.processes)
  t.match(plain.processes.get('dump_dna'), { queue: 'dna_queue', run: { module: 'dump_dna' }, attempts: 1, priority: 0 })
  t.same(plain.processes.get('dump_dna')?.run, rich.processes.get('dump_dna')?.run)
})

t.test("Ensembl's own entries are read; with `run` the address of their hive is warned of and kept nowhere", async (t) => {
  const lookups = await load(t, { new_assembly: ['dump_dna'] }, { dump_dna: { analysis: 'event_dump_dna', hive_uri: 'mysql://user:secret@localhost:3306/hive', run: { module: 'dump_dna' } } })
  t.equal(lookups.processes.get('dump_dna')?.queue, 'event_dump_dna')
  t.match(lookups.warnings, [/hive_uri is not used/])
  t.notMatch(JSON.stringify([lookups.warnings, [...lookups.processes]]), /secret/)
})

t.test('what an entry keeps is kept, whether the type or a match says so', async (t) => {
  const lookups = await load(t, { e: { processes: [], keep: true }, f: [], staged: { processes: [], match: { type: { prefix: 'g' } }, keep: true }, h: { processes: [], keep: false } }, {})
  const kept = (type: string) => makePlan(readEvent({ type }), lookups).keep
  t.same(['e', 'f', 'g1', 'h', 'unlisted'].map(kept), [true, false, true, false, false])
})

t.test('durations, backoff and emits are read into milliseconds and sets', async (t) => {
  const lookups = await load(t, { e: ['p'], f: [] }, { p: step({ timeout: '90s', attempts: 4, backoff: { type: 'exponential', delay: '2s' }, emits: ['f'], concurrency: 2, priority: 3 }) })
  t.match(lookups.processes.get('p'), { timeoutMs: 90_000, attempts: 4, backoff: { type: 'exponential', delay: 2000 }, emits: new Set(['f']), concurrency: 2, priority: 3 })
})

t.test('every problem is told at once, with its file and entry', async (t) => {
  const cases: Array<[Record<string, unknown>, Record<string, unknown>, RegExp[]]> = [
    [{ e: ['nothing'] }, {}, [/event_lookup\.json: e starts nothing, which process_lookup\.json does not define/]],
    [{ e: 5 }, {}, [/event_lookup\.json: e/]],
    [{ e: ['a', 'a'] }, { a: step() }, [/e must NOT have duplicate items/]],
    [{}, { 'bad name': step() }, [/"bad name" is no name/]],
    [{}, { p: step({ queue: 'notifications' }) }, [/the queue notifications is taken/]],
    [{}, { p: step({ queue: 'a:b' }) }, [/p\/queue must match pattern/]],
    [{}, { p: step({ timeout: 'soon' }) }, [/p\/timeout must match pattern/]],
    [{}, { p: step({ attempts: 0 }), q: step({ nosuch: 1 }) }, [/p\/attempts must be >= 1/, /q .*nosuch/]],
    [{}, { p: { run: { module: 'no_such_process' } } }, [/p: .*no_such_process/]],
    [{}, { p: { run: { module: './nowhere.mjs' } } }, [/p: .*nowhere\.mjs/]],
    [{}, { p: step({}, 'nosuch') }, [/p: .*nosuch/]],
    [{}, { p: step({ params: { schema: { type: 'nosuch' } } }) }, [/p\/params\/schema/]],
    [{}, { p: { run: { command: [] } } }, [/p\/run\/command/]],
    [{}, { p: { run: { external: true }, queue: 'q' }, o: step({ queue: 'q' }) }, [/the queue q belongs to the foreign workers of p/]],
    [{ a: ['p'] }, { p: step({ wait_for: { a: ['b'] } }) }, [/p\/wait_for: event_lookup\.json does not start p for b/]],
    [{ a: ['p'], b: ['p'] }, { p: step({ wait_for: { a: ['b'], b: ['a'] } }) }, [/p\/wait_for: a waits for itself: a → b → a/]],
    [{ a: ['p'], b: ['p'] }, { p: step({ wait_for: { all: ['a', 'b'], a: ['b'] } }) }, [/p\/wait_for: all and a cannot stand beside each other/]],
    [{ a: ['p'] }, { p: step({ wait_for: { within: '1s' } }) }, [/p\/wait_for: needs all, or event types with those that they wait for/]],
    [{ a: ['p'] }, { p: step({ wait_for: { a: [], witin: '1s' } }) }, [/p\/wait_for\/a must NOT have fewer than 1 items/, /p\/wait_for\/witin must be array/]],
    [{ a: ['p'] }, { p: step({ defer: { until: 'upstream_complete', on_upstream_failure: 'stop' } }) }, [/p\/defer\/on_upstream_failure/]],
    [{ a: ['p'], b: { match: { type: 'x' }, processes: ['q'] } }, { p: step({ wait_for: { all: ['a', 'b'] } }), q: step() }, [/p\/wait_for: event_lookup\.json does not start p for b/]],
    [{ a: ['p'], b: ['q'] }, { p: step({ emits: ['b'] }), q: step({ emits: ['a'] }) }, [/a loop of emits: a → p → b → q → a/]]
  ]
  for (const [events, processes, messages] of cases) {
    for (const message of messages) await t.rejects(load(t, events, processes), { code: 'INVALID_LOOKUPS', message }, String(message))
  }
})

t.test('broken JSON and missing files are named', async (t) => {
  const folder = temporaryFolder(t)
  await t.rejects(loadLookups({ folder, checkRun, builtIns }), { message: /event_lookup\.json does not exist[\s\S]*process_lookup\.json does not exist/ })
  writeLookups(folder, { events: {}, processes: {} })
  writeFileSync(join(folder, 'process_lookup.json'), '{ "p": ')
  await t.rejects(loadLookups({ folder, checkRun, builtIns }), { message: /process_lookup\.json: / })
})

t.test('what is allowed and probably not meant is warned of', async (t) => {
  const { warnings } = await load(t, { e: [] }, { idle: step({ emits: ['unlisted'] }) })
  t.match(warnings, [/no event type starts idle/, /idle emits unlisted, which event_lookup\.json does not list/])
})

t.test('names that every object has are ordinary names', async (t) => {
  const lookups = await load(t, { constructor: ['toString'] }, { toString: step() })
  t.equal(lookups.eventTypes.get('constructor')?.processes[0], 'toString')
  t.equal(lookups.eventTypes.get('hasOwnProperty'), undefined)
})

t.test('the hash is of the content, not of its layout', async (t) => {
  const first = await load(t, { a: [], b: [] }, { p: step({ attempts: 2, priority: 1 }) })
  const same = await load(t, { b: [], a: [] }, { p: step({ priority: 1, attempts: 2 }) })
  const other = await load(t, { a: [], b: [] }, { p: step({ attempts: 3, priority: 1 }) })
  t.equal(first.hash, same.hash)
  t.not(first.hash, other.hash)
})

t.test('the lookups that are shipped are valid', async (t) => {
  const shipped = { lookups: [], 'examples/flow': [], 'examples/kedro': ['process_lookup.json: no event type starts event00'] }
  for (const [folder, warnings] of Object.entries(shipped)) {
    const loaded = await loadLookups({ folder: join(HOME, folder), checkRun, builtIns: ours.processes })
    t.same(loaded.warnings, warnings, folder)
  }
})

t.test('what a built-in process takes holds for each of its entries; an entry narrows it, and gives nothing away', async (t) => {
  const narrower = { type: 'object', properties: { data: { properties: { genes: { maximum: 20 }, server: { type: 'number' } } } } }
  const lookups = await load(t, {}, {
    count: {},
    small: { run: { module: 'count' }, params: { schema: narrower } },
    near: { run: { module: 'count' }, params: { default: { server: 'here', genes: 3 } } }
  })
  const told = (name: string, data: unknown) => lookups.processes.get(name)?.check({ type: 'e', data }).map(({ field, message }) => `${field} ${message}`)
  t.same(told('count', { genes: 30 }), [])
  t.same(told('count', {}), ['data/genes is required'])
  t.same(told('small', { genes: 0 }), ['data/genes must be >= 1'])
  t.same(told('small', { genes: 30 }), ['data/genes must be <= 20'])
  t.same(told('small', { genes: 13 }), ['data/genes must not be 13'])
  t.same(told('small', { server: 'x' }), ['data/genes is required', 'data/server must be number'])
  t.match(lookups.processes.get('count')?.schema, { type: 'object', required: ['data'] })
  t.match(lookups.processes.get('small')?.schema, { allOf: [{ $id: 'signalbox:count', required: ['data'] }, narrower] })
  t.same(lookups.processes.get('near')?.fixed, { server: 'here' }, 'what is the operator\'s is fixed, wherever the entry says it')
})

t.test('what belongs to the operator is refused from an event, and not used where an event has it all the same', async (t) => {
  const lookups = await load(t, { e: ['count'], f: ['given'] }, { count: {}, given: { run: { module: 'count' }, params: { fixed: { server: 'here' } } } })
  for (const [type, expected] of [['e', undefined], ['f', 'here']] as const) {
    const event = readEvent({ type, data: { genes: 3, server: 'there' } })
    t.match(makePlan(event, lookups).jobs[0]?.problems, [{ field: 'data/server', message: 'is set by the process, and an event cannot give it' }], type)
    const definition = lookups.processes.get(type === 'e' ? 'count' : 'given')!
    t.equal((withDefaults(event.event, definition).data as { server?: string }).server, expected)
  }
})
