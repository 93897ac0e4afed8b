import { readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'
import { createCommandRunner } from '../../../src/runners/command/command.ts'
import type { CommandRun } from '../../../src/runners/command/schema.ts'
import { makeContext } from '../../fixtures/context.ts'
import { allKinds, givenBlocks } from '../../fixtures/blocks.ts'

const node = process.execPath
// tap itself adds variables to whatever a test spawns
const folder = t.testdir({
  'ask.mjs': 'let text = ""; for await (const part of process.stdin) text += part; const { id, type } = JSON.parse(text); console.log(JSON.stringify({ output: { id, type, env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^_TAPJS|^NODE_OPTIONS$/.test(name))) }, events: [{ type: "next" }] }))'
})
const make = (entry: CommandRun, { graceMs = 300, maxOutputBytes = 10_000 } = {}) =>
  createCommandRunner(entry, { lookupsFolder: folder, graceMs, maxOutputBytes, env: { PATH: process.env.PATH, SECRET: 'hunter2', TZ: 'UTC', TOKEN: 'abc', KEY: 'cmd-key-Zq8vN4xT' }, kinds: allKinds })
const script = (code: string, more: Partial<CommandRun> = {}, limits = {}) => make({ command: [node, '-e', code], ...more }, limits)
const shell = (code: string, more: Partial<CommandRun> = {}, limits = {}) => make({ command: ['sh', '-c', code], ...more }, limits)

// a zombie has ended: whoever is process 1 here may not reap it
const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false
  }
}

t.test('a command gets the event on stdin, the job in its environment, and no secret of the service', async t => {
  const { output, events } = await make({ command: [node, 'ask.mjs'], env: { OWN: 'x', TOKEN: { env: 'TOKEN' } } }).run(makeContext({ a: 1 }).context)
  t.same(events, [{ type: 'next' }])
  t.same(output, {
    id: 'e1',
    type: 'new_assembly',
    env: {
      PATH: process.env.PATH,
      TZ: 'UTC',
      SIGNALBOX_EVENT_ID: 'e1',
      SIGNALBOX_EVENT_TYPE: 'new_assembly',
      SIGNALBOX_JOB_ID: 'job-1',
      SIGNALBOX_PROCESS: 'trial',
      SIGNALBOX_ATTEMPT: '1',
      SIGNALBOX_PARAMS: '{"a":1}',
      OWN: 'x',
      TOKEN: 'abc'
    }
  })
})

t.test('all that a command answers and joins lies in private files, however much it is', async t => {
  const left = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('signalbox-')).sort()
  const before = left()
  const event = (n: number) => ({ id: String(n), source: '/s', type: 'e', data: 'x'.repeat(50_000) })
  const page = [1, 2, 3].map((n) => ({ event: event(n), job: `e${n}.p` }))
  const given = { absorbed: page.slice(0, 1), absorbedCount: 6, allAbsorbed: async function * () { yield page; yield page }, joined: { big: event(9) } }
  const seen = 'const { readFileSync } = require("fs"); const text = (name) => readFileSync(process.env[name], "utf8"); console.log(JSON.stringify([text("SIGNALBOX_ABSORBED").trim().split("\\n").map((line) => { const { event, job } = JSON.parse(line); return [event.id, job, event.data.length] }), Object.keys(JSON.parse(text("SIGNALBOX_JOINED")))]))'
  const lines = [['1', 'e1.p', 50_000], ['2', 'e2.p', 50_000], ['3', 'e3.p', 50_000]]
  t.same(await script(seen).run({ ...makeContext().context, ...given }), { output: [[...lines, ...lines], ['big']] })
  t.same(left(), before, 'nothing is left')
  const broken = { ...given, allAbsorbed: async function * () { yield page; throw new Error('the ledger does not answer') } }
  await t.rejects(script(seen).run({ ...makeContext().context, ...broken }), { message: 'the ledger does not answer' })
  t.same(left(), before, 'nor where it could not be written')
})

t.test('arguments are never read by a shell', async t => {
  t.same(await make({ command: [node, '-e', 'console.log(process.argv[1])', '$(id); `id` > x'] }).run(makeContext().context), { output: '$(id); `id` > x' })
})

t.test('the last line that is not blank is the output, the others and stderr are the log', async t => {
  const { context, lines, reports } = makeContext()
  const printed = await shell('echo one; echo SIGNALBOX_PROGRESS \'{"complete":3,"total":10}\'; echo bad >&2; echo "[1,2]"; echo; echo "  "').run(context)
  t.same(printed, { output: [1, 2] })
  t.same(lines.sort(), ['bad', 'one'])
  t.same(reports, [{ complete: 3, total: 10 }])
  t.same(await shell('true').run(makeContext().context), { output: null })
  t.same(await shell('echo plain words').run(makeContext().context), { output: 'plain words' })
  t.same(await shell('echo \'{"output":1,"more":2}\'').run(makeContext().context), { output: { output: 1, more: 2 } })
  t.same(await shell('echo {}').run(makeContext().context), { output: {} })
})

t.test('a program that opens steps without an end is heard up to a hundred, the rest is the log', async t => {
  const { context, lines, told } = makeContext()
  await shell('for i in $(seq 150); do echo "SIGNALBOX_STEP {\\"name\\":\\"step $i\\"}"; done; echo 1').run(context)
  t.equal(told().length, 100)
  t.match(told(), [{ name: 'step 1', state: 'complete' }])
  t.equal(lines.filter((line) => line.startsWith('SIGNALBOX_STEP')).length, 50)
})

t.test('lines of output open and end steps, and give artefacts; what is none of them is the log', async t => {
  const say = (mark: string, told: object) => `echo '${mark} ${JSON.stringify(told)}';`
  const { context, lines, told, artefacts } = makeContext()
  const printed = await shell([
    say('SIGNALBOX_STEP', { name: 'read' }),
    say('SIGNALBOX_STEP', { name: 'write', counts: { rows: 1 } }),
    say('SIGNALBOX_STEP', { name: 'read', state: 'complete', counts: { rows: 3 } }),
    say('SIGNALBOX_STEP', { name: 'read', state: 'failed', reason: 'the second time' }),
    say('SIGNALBOX_STEP', { name: '' }), say('SIGNALBOX_STEP', { name: 'bad', state: 'reused' }), 'echo "SIGNALBOX_STEP {";',
    say('SIGNALBOX_ARTEFACT', { name: 'rows', step: 'read', table: [{ a: 1 }] }),
    say('SIGNALBOX_ARTEFACT', { name: 'none' }),
    'echo 1'
  ].join('')).run(context)
  t.same(printed, { output: 1 })
  t.match(told(), [
    { name: 'read', state: 'complete', counts: { rows: 3 } },
    { name: 'write', state: 'complete', counts: { rows: 1 } },
    { name: 'read', state: 'failed', reason: 'the second time' }
  ])
  t.match(artefacts, [{ name: 'rows', step: 'read', kind: 'table', rows: [[1]] }])
  t.same(lines.map((line) => line.split(' ')[0]), ['SIGNALBOX_STEP', 'SIGNALBOX_STEP', 'SIGNALBOX_STEP', 'SIGNALBOX_ARTEFACT'])
  const failed = makeContext()
  await t.rejects(shell(`${say('SIGNALBOX_STEP', { name: 'read' })} exit 3`).run(failed.context))
  t.match(failed.told(), [{ name: 'read', state: 'failed' }], 'what is still open ends with the program')
})

t.test('the output may be a file in a folder of its own, which is removed', async t => {
  const own = () => readdirSync(tmpdir()).filter(name => name.startsWith('signalbox-') && !name.startsWith('signalbox-outside'))
  const before = own()
  const { context, lines } = makeContext()
  const entry = { output: { file: 'result.json' } }
  t.same(await shell('echo talk; echo \'{"output":5}\' > "$SIGNALBOX_OUTPUT"', entry).run(context), { output: 5 })
  t.same(lines, ['talk'])
  t.same(await shell('true', entry).run(context), { output: null })
  await t.rejects(shell('head -c 20000 /dev/zero > "$SIGNALBOX_OUTPUT"', entry).run(context), { code: 'FINAL', message: /has 20000 bytes/ })
  await t.rejects(shell('mkdir "$SIGNALBOX_OUTPUT"', entry).run(context), { code: 'FINAL', message: /no regular file/ })
  t.same(own(), before)
})

t.test('an exit code, a signal and a program that is not there are named', async t => {
  const { context } = makeContext()
  await t.rejects(shell('echo first >&2; echo "no genome" >&2; exit 3').run(context), { message: 'exit code 3: first\nno genome' })
  await t.rejects(shell('kill -9 $$').run(context), { message: 'killed by SIGKILL' })
  await t.rejects(make({ command: ['no-such-program'] }).run(context), { code: 'FINAL', message: 'the program no-such-program was not found' })
  await t.rejects(shell('true', { cwd: 'missing' }).run(context), { code: 'FINAL', message: /^the working folder .*missing does not exist/ })
  await t.rejects(shell('true', { env: { A: { env: 'MISSING' } } }).run(context), { code: 'FINAL', message: /A needs the environment variable MISSING/ })
})

t.test('a command that does not read its event does no harm', async t => {
  const { context } = makeContext()
  const big = { ...context, event: { ...context.event, data: 'x'.repeat(3_000_000) }, params: { data: 'x'.repeat(3_000_000) } }
  t.same(await shell('exec <&-; echo ok').run(big), { output: 'ok' })
})

t.test('a flood without a newline costs no memory', async t => {
  const before = process.memoryUsage().rss
  let peak = before
  const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss) }, 20)
  t.teardown(() => clearInterval(timer))
  await t.rejects(shell('head -c 1000000000 /dev/zero').run(makeContext().context), { code: 'FINAL', message: /last line of stdout has more than the 10000 bytes/ })
  const { context, lines } = makeContext()
  t.same(await shell('yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx | head -n 1000000; echo end').run(context), { output: 'end' })
  t.match(lines.at(-1), /the log is cut here/)
  t.ok(peak - before < 150_000_000, `grew by ${peak - before}`)
})

t.test('a command that heeds the signal ends with the reason, and with success when it finishes', async t => {
  const first = makeContext()
  const run = t.rejects(script('console.log("up"); console.log("."); setInterval(() => {}, 1000)').run(first.context), { message: 'timed out' })
  await first.logged('up')
  first.abort.abort(new Error('timed out'))
  await run
  const second = makeContext()
  const done = shell('trap "echo saved; exit 0" USR1; echo up; echo .; while :; do sleep 0.05; done', { stop_signal: 'SIGUSR1' }).run(second.context)
  await second.logged('up')
  second.abort.abort(new Error('cancelled'))
  t.same(await done, { output: 'saved' })
})

t.test('a child that ignores SIGTERM is killed with its grandchildren', async t => {
  const { context, abort, lines, logged } = makeContext()
  const code = `process.on('SIGTERM', () => {})
const { pid } = require('node:child_process').spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 0.1; done'], { stdio: 'ignore' })
console.log('pids ' + process.pid + ' ' + pid); console.log('.'); setInterval(() => {}, 1000)`
  const run = t.rejects(script(code).run(context), { message: 'cancelled; it did not stop within 300 ms of SIGTERM and was killed' })
  await logged('pids')
  const pids = lines[0]?.split(' ').slice(1).map(Number) ?? []
  t.equal(pids.length, 2)
  t.ok(pids.every(isAlive))
  abort.abort(new Error('cancelled'))
  await run
  t.notOk(pids.some(isAlive))
})

t.test('what a command leaves behind in its group is ended', async t => {
  const { output } = await shell('sleep 60 & echo $!').run(makeContext().context)
  t.notOk(isAlive(output as number))
})

t.test('closing ends what runs', async t => {
  const { context, logged } = makeContext()
  const runner = shell('echo up; echo .; sleep 60')
  const run = t.rejects(runner.run(context), { message: 'the service is closing' })
  await logged('up')
  await runner.close()
  await run
  await runner.close()
})

t.test('a secret of its environment or of a block is in no line, no reason and no result', async t => {
  const env = { KEY: { env: 'KEY' }, PASSWORD: { block: 'staging', field: 'password' } }
  const block = givenBlocks({ core_database: { staging: { host: 'h', user: 'u', password: 'pässword of "now"' } } })
  const { context, lines, reports } = makeContext({}, block)
  await t.rejects(shell('echo "err $KEY" >&2; exit 3', { env }).run(context), { message: 'exit code 3: err ***' })
  t.same(lines, ['err ***'])
  t.same(await shell('echo "$PASSWORD"; echo "SIGNALBOX_PROGRESS {\\"complete\\":1,\\"message\\":\\"$KEY\\"}"; printf %s "$PASSWORD" | base64', { env }).run(context), { output: '***' })
  t.same(lines.at(-1), '***')
  t.same(reports, [{ complete: 1, message: '***' }])
  const long = await script('console.error("x".repeat(7000) + process.env.KEY.repeat(400)); process.exit(1)', { env }).run(context).catch((error: Error) => error.message) as string
  t.notMatch(`${long} ${lines.join(' ')}`, /cmd-key|Zq8v/)
})

t.test('a block that is missing, a field that it has not, and a name of two kinds are named', async t => {
  const block = givenBlocks({ core_database: { one: { host: 'h', user: 'u' } }, smtp: { one: { host: 'h', from: 'a@b', username: 'u', password: 'other-one' } } })
  const run = async (value: object) => await shell('true', { env: { P: value as never } }).run(makeContext({}, block).context)
  await t.rejects(run({ block: 'two', field: 'password' }), { code: 'FINAL', message: 'P: there is no block "two" with a field password (kinds api_credentials, core_database, metadata_database, smtp)' })
  await t.rejects(run({ block: 'one', field: 'password' }), { code: 'FINAL', message: 'P: there is a block one of the kinds core_database, smtp; say which by "kind"' })
  await t.rejects(run({ block: 'one', field: 'database' }), { code: 'FINAL', message: 'P needs the field database of block core_database/one, which has none' })
  await t.rejects(run({ block: 'one', field: 'colour' }), { code: 'FINAL', message: 'P: there is no block "one" with a field colour, and no kind that has one' })
  t.same(await run({ block: 'one', field: 'password', kind: 'smtp' }), { output: null })
})
