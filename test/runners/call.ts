import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createCall } from '../../src/runners/call.ts'
import { makeContext } from '../fixtures/context.ts'
import { temporaryFolder } from '../fixtures/service.ts'

function fileWith (t: Test, code: string): string {
  const file = join(temporaryFolder(t), 'city.ts')
  writeFileSync(file, code)
  return file
}

t.test('a function of a file is called with what it is given, and the file is loaded once per job', async (t) => {
  const module = fileWith(t, 'let calls = 0\nexport default (a: number, b: { c: string }) => [++calls, a, b.c]\nexport const other = async () => null\nexport const none = undefined')
  const call = createCall(makeContext().context)
  t.same(await call({ module, export: 'default' }, [5, { c: 'x' }]), [1, 5, 'x'])
  t.same(await call({ module, export: ['get_events', 'none', 'default'] }, [6, { c: 'y' }]), [2, 6, 'y'], 'the first name that is exported')
  t.same(await call({ module, export: 'default' }, [7, { c: 'z' }]), [3, 7, 'z'])
  t.equal(await call({ module, export: 'other' }, []), null)
})

t.test('a function that is not there is a final failure, what it throws is thrown', async (t) => {
  const module = fileWith(t, "export const text = 'x'\nexport const fails = async () => { throw new RangeError('too much') }")
  const { context, abort } = makeContext()
  const call = createCall(context)
  await t.rejects(call({ module: './nowhere.ts', export: 'x' }, []), { code: 'FINAL', message: /nowhere\.ts does not exist/ })
  await t.rejects(call({ module, export: ['get_events', 'default'] }, []), { code: 'FINAL', message: /exports no function get_events/ })
  await t.rejects(call({ module, export: 'text' }, []), { code: 'FINAL', message: /exports no function text/ })
  await t.rejects(call({ module, export: 'fails' }, []), { name: 'RangeError', message: 'too much' })
  abort.abort(new Error('cancelled'))
  await t.rejects(call({ module, export: 'fails' }, []), { message: 'cancelled' })
})

t.test('a program gets the event on its standard input and little of the environment; its last line is the answer', async (t) => {
  process.env['SIGNALBOX_OF_THE_SERVICE'] = 'secret'
  t.teardown(() => { delete process.env['SIGNALBOX_OF_THE_SERVICE'] })
  const { context, lines } = makeContext()
  const call = createCall(context)
  const script = "process.stdin.on('data', (event) => { console.log('hello'); console.log(JSON.stringify({ event: JSON.parse(event), mode: process.env.MODE, others: process.env.SIGNALBOX_OF_THE_SERVICE ?? null })) })"
  const answer = await call({ command: [process.execPath, '-e', script], env: { MODE: 'strict' } }, { begin: 'now' })
  t.same(answer, { event: { id: 'e1', source: '/test', type: 'new_assembly', begin: 'now' }, mode: 'strict', others: null })
  t.same(lines, ['hello'])
  await t.rejects(call({ command: [process.execPath, '-e', 'process.exit(3)'] }, {}), { message: 'exit code 3' })
  await t.rejects(call({ command: ['no-such-program'] }, {}), { code: 'FINAL', message: /was not found/ })
})

t.test('a program is stopped with the job', async (t) => {
  const { context, abort, logged } = makeContext()
  const run = t.rejects(createCall(context)({ command: [process.execPath, '-e', "console.log('up'); console.log('and waiting'); setInterval(() => {}, 1000)"] }, {}), { message: 'timed out' })
  await logged('up')
  abort.abort(new Error('timed out'))
  await run
})
