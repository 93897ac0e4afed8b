import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import t from 'tap'
import { createColors } from 'picocolors'
import { FAILED_JOBS } from '../../src/cli/columns.ts'
import { runClientCommand } from '../../src/cli/commands.ts'
import { drawItems } from '../../src/cli/table.ts'
import { unknownCommand } from '../../src/cli/unknown.ts'
import { distance, nearest } from '../../src/base/nearest.ts'
import { shipped } from '../../src/roles/shipped.ts'
import type { JobView } from '../../src/schemas/jobs.ts'
import { HOME } from '../fixtures/places.ts'
import { openAnyBackend, until } from '../fixtures/servers.ts'
import { openService, step, temporaryFolder } from '../fixtures/service.ts'

const run = promisify(execFile)
const MAIN = join(HOME, 'dist', 'main.js')
const load = async () => shipped

const backend = await openAnyBackend()
t.teardown(backend.close)
const { call, url } = await openService(t, {
  backend: backend.url,
  lookups: { events: { new_assembly: ['dump_dna'], new_genebuild: [] }, processes: { dump_dna: step(), dump_peptide: step() } }
})

async function command (...args: string[]): Promise<{ code: number, out: string, err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const told = { out: '', err: '' }
  stdout.on('data', (chunk: Buffer) => { told.out += chunk.toString() })
  stderr.on('data', (chunk: Buffer) => { told.err += chunk.toString() })
  const [name = '', ...rest] = args
  const io = { env: { SIGNALBOX_URL: url }, stdout: stdout as unknown as NodeJS.WriteStream, stderr: stderr as unknown as NodeJS.WriteStream }
  const code = await runClientCommand(name, rest, io, load)
  return { code, ...told }
}

t.test('each serving command has a help', async (t) => {
  for (const name of ['start', 'api', 'worker', 'results', 'check', 'doctor', 'migrate', 'backup', 'restore', 'forget_blocks', 'keys', 'init']) {
    const { stdout, stderr } = await run(process.execPath, [MAIN, name, '--help'])
    t.match(stdout, new RegExp(`^Usage: signalbox ${name} `))
    t.equal(stderr, '')
  }
})

t.test('a mistyped command, option, event type or process is answered with what was probably meant', async (t) => {
  t.equal((await unknownCommand('sumbit', ['start'], load)).message, 'there is no command "sumbit"; did you mean submit?')
  t.equal((await unknownCommand('strat', ['start'], load)).message, 'there is no command "strat"; did you mean start?')
  t.equal((await unknownCommand('serach', [], load)).message, 'there is no command "serach"; did you mean search?')
  t.equal((await unknownCommand('xyzzy', ['start'], load)).message, 'there is no command "xyzzy"; signalbox --help lists them')

  const option = await command('events', '--sinse', '2h')
  t.match(option.err, /Unknown option '--sinse'; did you mean --since\?/)
  t.equal(option.code, 2)
  const type = await command('submit', 'new_asembly', '--genome', 'x')
  t.match(type.err, /event type "new_asembly" is not known\ndid you mean new_assembly\? signalbox event_types lists them/)
  t.equal(type.code, 3)
  const far = await command('submit', 'weather_changed')
  t.match(far.err, /is not known\nsignalbox event_types lists them\n$/)
  const name = await command('list', 'dump_dan')
  t.match(name.err, /process "dump_dan" is not known\ndid you mean dump_dna\?/)
})

t.test('words are near by letters that are put in, left out, changed or swapped', async (t) => {
  t.equal(distance('submit', 'sumbit'), 1)
  t.equal(distance('submit', 'submt'), 1)
  t.equal(distance('', 'abc'), 3)
  t.equal(nearest('retyr', ['retry', 'replay']), 'retry')
  t.equal(nearest('proc', ['processes', 'pause']), 'processes')
  t.equal(nearest('zzzz', ['retry']), undefined)
})

t.test('with --json an error is JSON with its code', async (t) => {
  const missing = await command('get', 'dump_dna', 'nope', '--json')
  const { error } = JSON.parse(missing.err) as { error: Record<string, unknown> }
  t.match(error, { code: 'JOB_NOT_FOUND', statusCode: 404, message: 'process dump_dna has no job "nope"' })
  t.equal(missing.code, 3)
  t.equal(missing.out, '')
  const usage = await command('get', 'dump_dna', '--json')
  t.match(JSON.parse(usage.err), { error: { code: 'USAGE', message: 'ID is missing' } })
  const away = await command('queues', '--url', 'http://127.0.0.1:1', '--json')
  t.match(JSON.parse(away.err), { error: { code: 'CONNECTION_FAILED' } })
  t.equal(away.code, 4)
})

t.test('whoever stops reading ends a command quietly', async (t) => {
  for (let i = 0; i < 10; i++) await call('POST', '/jobs', { type: 'new_assembly', subject: `s${i}` })
  await until(async () => (await call('GET', '/events')).body.items.length === 10, 'ten events')
  for (const line of [`"${process.execPath}" "${MAIN}" export --url ${url} | head -1`, `"${process.execPath}" "${MAIN}" events --json --url ${url} | true`, `"${process.execPath}" "${MAIN}" --help | true`]) {
    const { stderr } = await run('bash', ['-c', line])
    t.equal(stderr, '', line)
  }
})

t.test('at 80 columns the reason of a failure can be read, and the id is not cut', async (t) => {
  const id = 'e04258e3677c73cb9b7793daca239f12e.preprocess_consultation_documents'
  const reason = 'the city answered 500'
  const job = { process: 'preprocess_consultation_documents', id, status: 'failed', reason, input: { subject: 'seattle' }, timestamps: { ended: null } } as unknown as JobView
  const narrow = drawItems(FAILED_JOBS, [job], { colors: createColors(false), width: 80 }).split('\n')
  t.match(narrow[1], new RegExp(reason))
  t.match(narrow[2], new RegExp(id))
  t.ok(narrow.every((line) => line.length <= 80))
  const wide = drawItems(FAILED_JOBS, [job], { colors: createColors(false), width: 200 }).split('\n')
  t.equal(wide.length, 2)
})

t.test('a shell completes commands, options, types and processes', async (t) => {
  t.equal((await command('complete', 'subm')).out, 'submit\n')
  t.match((await command('complete', ' ')).out, /^submit\n[\s\S]*doctor\n/)
  t.equal((await command('complete', 'events --si')).out, '--since\n')
  t.equal((await command('complete', 'submit new_')).out, 'new_assembly\nnew_genebuild\n')
  t.equal((await command('complete', 'list dump_p')).out, 'dump_peptide\n')
  t.equal((await command('complete', 'schedules p')).out, 'pause\n')
  t.equal((await command('complete', 'submit x', '--url', 'http://127.0.0.1:1')).out, '')
  for (const shell of ['bash', 'zsh', 'fish']) t.match((await command('completion', shell)).out, /signalbox complete/)
  t.equal((await command('completion', 'tcsh')).code, 2)
})

/** What each shell does when somebody presses the tab key after `submit new_a`. */
const SHELLS: Record<string, string> = {
  bash: `source <(signalbox completion bash)
    COMP_LINE='signalbox submit new_a' COMP_POINT=22 COMP_CWORD=2 COMP_WORDS=(signalbox submit new_a)
    _signalbox
    echo "\${COMPREPLY[@]}"`,
  // Its own completion works in a terminal alone: what it would be handed is printed.
  zsh: `compdef () { }
    compadd () { print -l -- "\${found[@]}" }
    source <(signalbox completion zsh)
    words=(signalbox submit new_a) CURRENT=3
    _signalbox`,
  fish: `signalbox completion fish | source
    complete -C 'signalbox submit new_a'`
}

for (const [shell, script] of Object.entries(SHELLS)) {
  const skip = spawnSync(shell, ['-c', 'true']).status === 0 ? false : `no ${shell} on this machine (Debian: apt-get install ${shell})`
  t.test(`${shell} takes the script of completion, and completes by it`, { skip }, async (t) => {
    const folder = temporaryFolder(t)
    writeFileSync(join(folder, 'signalbox'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`, { mode: 0o755 })
    const { stdout } = await run(shell, ['-c', script], { env: { ...process.env, HOME: folder, SIGNALBOX_URL: url, PATH: `${folder}:${process.env['PATH']}` } })
    t.equal(stdout, 'new_assembly\n')
  })
}
