import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { confine } from '../../../../src/pipelines/councils/media/confine.ts'
import { FFMPEG, FFPROBE, runProgram } from '../../../../src/pipelines/councils/media/program.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'

const SHELL = { name: 'bash', packages: 'bash', isConfined: true }
const signal = new AbortController().signal
const usual = await confine({ program: '/usr/bin/true', folder: process.cwd(), reads: [] })
const skip = usual.length === 0 ? 'this machine lets nobody make a namespace (or has neither bubblewrap nor unshare)' : false
const noBubblewrap = usual[0] === '/usr/bin/bwrap' ? false : 'bubblewrap is not usable on this machine (Debian: apt-get install bubblewrap)'

t.test('every program that reads media is confined', async (t) => {
  t.match([FFMPEG, FFPROBE], [{ isConfined: true }, { isConfined: true }])
})

t.test('a confined program reaches no network, not even that of its own machine', { skip }, async (t) => {
  const folder = temporaryFolder(t)
  let calls = 0
  const server = createServer((socket) => {
    calls++
    socket.end()
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close() })
  const { port } = server.address() as AddressInfo
  const args = ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]
  await t.rejects(runProgram(SHELL, { args, folder, signal, timeoutMs: 60_000 }), /bash ended with code 1/)
  t.equal(calls, 0)
  await runProgram({ ...SHELL, isConfined: false }, { args, folder, signal, timeoutMs: 60_000 })
  t.equal(calls, 1, 'one that is not confined does')
})

t.test('it sees no process but its own, so nothing of their environments', { skip }, async (t) => {
  const folder = temporaryFolder(t)
  const { stdout } = await runProgram(SHELL, { args: ['-c', 'cat /proc/[0-9]*/environ | tr "\\0" "\\n"; ls -d /proc/[0-9]*'], folder, signal, timeoutMs: 60_000 })
  t.notMatch(stdout, new RegExp(`/proc/${process.pid}\\b`))
  t.match(stdout, `HOME=${folder}`)
  t.ok(stdout.split('\n').filter((line) => line.startsWith('/proc/')).length < 6, stdout)
})

t.test('with bubblewrap it sees its folder, what it is to read, and no other file of the machine', { skip: noBubblewrap }, async (t) => {
  const [folder, elsewhere] = [temporaryFolder(t), temporaryFolder(t)]
  for (const name of ['secret', 'input']) writeFileSync(join(elsewhere, name), `text of ${name}`)
  mkdirSync(join(folder, 'below'))
  const look = (path: string) => runProgram(SHELL, { args: ['-c', 'cat "$0"', path], folder, reads: [join(elsewhere, 'input')], signal, timeoutMs: 60_000 })
  t.equal((await look(join(elsewhere, 'input'))).stdout, 'text of input')
  for (const path of [join(elsewhere, 'secret'), '/etc/passwd', import.meta.filename]) await t.rejects(look(path), /No such file/, path)
  const write = (path: string) => runProgram(SHELL, { args: ['-c', 'echo made > "$0"', path], folder, reads: [join(elsewhere, 'input')], signal, timeoutMs: 60_000 })
  await write(join(folder, 'below', 'made'))
  t.equal(readFileSync(join(folder, 'below', 'made'), 'utf8'), 'made\n')
  await t.rejects(write(join(elsewhere, 'input')), /Read-only/)
  await write(join(elsewhere, 'new'))
  t.notOk(existsSync(join(elsewhere, 'new')), 'what it writes elsewhere is gone with it')
})

t.test('one that is stopped leaves no process behind', { skip }, async (t) => {
  const folder = temporaryFolder(t)
  const stop = new AbortController()
  const running = runProgram(SHELL, { args: ['-c', 'echo begun; sleep 1000 & sleep 1000; echo never'], folder, signal: stop.signal, timeoutMs: 60_000, onLine: () => { stop.abort(new Error('stopped')) } })
  await t.rejects(running, /stopped/)
})
