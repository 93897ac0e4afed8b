import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { cleanEnvironment } from '../package/fixtures/nodes.ts'
import { HOME } from '../fixtures/places.ts'
import { until } from '../fixtures/servers.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const MAIN = join(HOME, 'dist', 'main.js')
/** So many times the CPU of bare Node at most. */
const LIMIT = 8
/** The same work takes more CPU where others use the caches: the least of so many tries counts. */
const TRIES = 4

t.jobs = 1
t.setTimeout(480_000)

t.test('help and client commands load little: their CPU is that of a few Nodes', async (t) => {
  for (const args of [['--help'], ['--version'], ['events', '--help'], ['queues', '--url', 'http://127.0.0.1:1']]) {
    const tries: Array<{ seconds: number, bare: number }> = []
    const isLittle = (): boolean => tries.some(({ seconds, bare }) => seconds <= LIMIT * bare)
    while (!isLittle() && tries.length < TRIES) tries.push({ seconds: cpuSeconds([MAIN, ...args]), bare: cpuSeconds(['-e', '0']) })
    t.ok(isLittle(), `signalbox ${args.join(' ')} and bare Node took, in seconds of CPU, ${JSON.stringify(tries)}`)
  }
})

const skip = existsSync('/proc/self/task') ? false : 'no /proc here, from which the children of a process could be read'

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  t.test(`npm start that gets ${signal} leaves no process behind`, { skip }, async (t) => {
    const { child, output } = npmStart(temporaryFolder(t))
    t.teardown(() => { child.kill('SIGKILL') })
    await until(async () => output().includes('signalbox is ready'), 'the service', 120_000)
    t.match(output(), /signalbox: starting: all roles in this process/)
    const family = descendants(child.pid ?? 0)
    t.ok(family.length > 0)
    child.kill(signal)
    await until(async () => family.every(hasEnded), 'the end of all of them', 120_000)
  })
}

function npmStart (folder: string): { child: ChildProcess, output: () => string } {
  const env = { ...cleanEnvironment(), PORT: '0', SIGNALBOX_BACKEND: `pglite:${join(folder, 'data')}`, SIGNALBOX_STORE: `file:${join(folder, 'store')}` }
  const child = spawn('npm', ['start'], { cwd: HOME, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { told += chunk.toString() })
  return { child, output: () => told }
}

function descendants (pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((one) => one.trim() !== '').map(Number)
  return children.flatMap((child) => [child, ...descendants(child)])
}

/** One that has ended and that nobody has asked for is a zombie. */
function hasEnded (pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

function cpuSeconds (args: string[]): number {
  const { stdout } = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; { time "$0" "$@" > /dev/null 2>&1; } 2>&1', process.execPath, ...args], { env: cleanEnvironment(), encoding: 'utf8' })
  const [user = 0, system = 0] = stdout.trim().split(' ').map(Number)
  return user + system
}
