import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, openBackend } from '../test/fixtures/servers.ts'
import { childrenOf, cpuMs, endedMs } from './cpu.ts'

/**
 * What commands and starts cost, in turn for each of the checkouts that are named, which must be built: `npm run bench:start -- 9 . ../other`, of
 * nine rounds after a first one that only warms.
 * CPU time is that of all processes until the service says that it is ready, or until a command has ended.
 */
const [rounds = '9', ...given] = process.argv.slice(2)
const folders = given.map((folder) => resolve(folder))
/** After that a start is over, and what it needed and does not need any more is let go. */
const SETTLED_MS = 5000

type Cost = { cpuMs: number, wallMs: number, megabytes?: number }
const costs = new Map<string, Cost[]>()
const note = (folder: string, what: string, cost: Cost): void => {
  const key = `${what}\t${folder}`
  costs.set(key, [...costs.get(key) ?? [], cost])
}

const data = mkdtempSync(join(tmpdir(), 'sb-start-'))
const redis = await openBackend('redis')
const environment = (backend: string, port: number): NodeJS.ProcessEnv =>
  ({ PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: String(port), SIGNALBOX_BACKEND: backend, SIGNALBOX_STORE: `file:${data}/store` })

/** A service of a checkout, from the moment of its start until it is ready. */
async function start (folder: string, program: string[], backend: string): Promise<{ child: ChildProcess, port: number, cost: Cost }> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn(program[0] ?? '', program.slice(1), { cwd: folder, env: environment(backend, port), stdio: ['ignore', 'pipe', 'pipe'] })
  await new Promise<void>((resolve, reject) => {
    let told = ''
    const hear = (chunk: Buffer): void => {
      told += String(chunk)
      if (told.includes('signalbox is ready')) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('exit', () => { reject(new Error(told)) })
  })
  return { child, port, cost: { cpuMs: cpuMs(child.pid) ?? 0, wallMs: performance.now() - began } }
}

async function stop (child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => { child.once('close', resolve) })
  child.kill('SIGTERM')
  await ended
}

const memoryOf = (pid: number | undefined): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

function command (folder: string, what: string, args: string[], port: number): void {
  const [before, began] = [endedMs(), performance.now()]
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'dist', 'main.js'), ...args], { cwd: folder, env: environment('', port), encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
  note(folder, what, { cpuMs: endedMs() - before, wallMs: performance.now() - began })
}

async function round (folder: string, place: number, i: number): Promise<void> {
  const backends = { PGlite: `pglite:${data}/${place}`, Redis: `${redis.url}/${place}` }
  command(folder, '`signalbox --help`', ['--help'], 0)
  for (const [name, backend] of Object.entries(backends)) {
    const { child, port, cost } = await start(folder, [process.execPath, join(folder, 'dist', 'main.js'), 'start'], backend)
    await sleep(SETTLED_MS)
    const megabytes = memoryOf(child.pid)
    if (i > 0) note(folder, `start on ${name}`, { ...cost, megabytes })
    if (name === 'Redis') {
      const url = ['--url', `http://127.0.0.1:${port}`]
      command(folder, '`signalbox submit`', ['submit', 'dump_verified', ...url], port)
      command(folder, '`signalbox get`', ['get', ...await submitted(port), ...url], port)
    }
    await stop(child)
  }
  const { child, cost } = await start(folder, ['npm', 'start'], backends.PGlite)
  if (i > 0) note(folder, '`npm start`, nothing changed', cost)
  await endAll(child)
}

/** A job of the example that is shipped, as process and id. */
async function submitted (port: number): Promise<[string, string]> {
  const data = { assembly: 'MEX1', fasta: 'minimus.fa', gff3: 'minimus.gff3' }
  const answer = await fetch(`http://127.0.0.1:${port}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'new_genebuild', genome: 'minimus_exemplaris', data })
  })
  const [job] = await answer.json() as Array<[string, string]>
  if (job === undefined) throw new Error('nothing was started')
  return job
}

/** npm with all below it, also where it hands nothing on. */
async function endAll (child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => { child.once('close', resolve) })
  for (const pid of below(child.pid ?? 0).reverse()) {
    try {
      process.kill(pid, 'SIGTERM')
    } catch {
      // It went with the one below it.
    }
  }
  await ended
}

const below = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(below)]
const middle = (numbers: number[]): number => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? NaN
const told = ({ length }: Cost[], of: number[]): string => `${(middle(of)).toFixed(2)} (${Math.min(...of).toFixed(2)} to ${Math.max(...of).toFixed(2)}, ${length})`

console.log(`load before: ${loadavg().map((load) => load.toFixed(2)).join(' ')}`)
try {
  for (let i = 0; i <= Number(rounds); i++) for (const [place, folder] of folders.entries()) await round(folder, place, i)
} finally {
  await redis.close()
  rmSync(data, { recursive: true, force: true })
}
console.log(`load after: ${loadavg().map((load) => load.toFixed(2)).join(' ')}`)
for (const [key, rows] of [...costs].sort()) {
  const memory = rows.flatMap(({ megabytes }) => megabytes ?? [])
  const cells = [told(rows, rows.map((row) => row.cpuMs / 1000)), told(rows, rows.map((row) => row.wallMs / 1000))]
  console.log([key, `CPU ${cells[0]} s`, `after ${cells[1]} s`, ...memory.length > 0 ? [`${middle(memory).toFixed(0)} MB`] : []].join('\t'))
}
