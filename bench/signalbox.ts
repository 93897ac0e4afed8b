import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { freePort, until } from '../test/fixtures/servers.ts'
import { PROCESSES } from './event.ts'
import { untilCount } from './pace.ts'

/** The service as it is shipped, in a process of its own. */
export type Signalbox = {
  pid: number | undefined
  address: string
  /** Jobs that its worker has ended. With a job its follow-on events are stored, and its event where it was the last. */
  ended: () => Promise<number>
  /** Jobs that have not ended, over all queues. */
  open: () => Promise<number>
  /** Resolves when the jobs of `count` events have ended since `before` of them had. */
  untilEnded: (count: number, before: number) => Promise<void>
  stop: () => Promise<void>
}

type QueueCounts = { queue: string, waiting: number, active: number, delayed: number, failed: number }

const ENDED = /^signalbox_job_seconds_count\{.*outcome="(\w+)".*\} (\d+)$/gm

export const root = join(import.meta.dirname, '..', '..')
/** Of processes that do nothing, beside one that fails and one with many follow-on events. */
export const LOOKUPS = join(root, 'bench', 'lookups')

/** With which Node `npm start` and the image start a version. */
export function nodeOptionsOf (folder: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: { start: string } }
  return scripts.start.match(/--[\w-]+=\S+/g) ?? []
}

/** Starts it for the time of `work`: this one, or that of another folder in which it is built. */
export async function withSignalbox<R> (role: 'api' | 'start', backend: string, work: (signalbox: Signalbox) => Promise<R>, folder = root): Promise<R> {
  const signalbox = await startSignalbox(role, backend, folder)
  try {
    return await work(signalbox)
  } finally {
    await signalbox.stop()
  }
}

async function startSignalbox (role: 'api' | 'start', backend: string, from: string): Promise<Signalbox> {
  const folder = mkdtempSync(join(tmpdir(), 'sb-bench-'))
  const port = await freePort()
  const env = {
    PATH: process.env['PATH'],
    PORT: String(port),
    LOG_LEVEL: 'warn',
    SIGNALBOX_BACKEND: backend,
    SIGNALBOX_LOOKUPS: join(from, 'bench', 'lookups'),
    SIGNALBOX_STORE: `file:${folder}`,
    SIGNALBOX_CONCURRENCY: '50',
    // A crowd on a slow backend waits; it is not turned away.
    SIGNALBOX_BACKEND_TIMEOUT_MS: '15000'
  }
  const child = spawn(process.execPath, [...nodeOptionsOf(from), join(from, 'dist', 'main.js'), role], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const address = `http://127.0.0.1:${port}`
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`signalbox ${role} ended with code ${child.exitCode}`)
    return await request(`${address}/live`).then(({ statusCode, body }) => body.dump().then(() => statusCode === 200), () => false)
  }, `signalbox ${role}`)

  async function ended (): Promise<number> {
    const { body } = await request(`${address}/metrics`)
    const counts = [...(await body.text()).matchAll(ENDED)]
    if (counts.some(([, outcome]) => outcome !== 'complete')) throw new Error('jobs of the benchmark have failed')
    return counts.reduce((sum, [, , count]) => sum + Number(count), 0)
  }

  async function open (): Promise<number> {
    const { body } = await request(`${address}/queues`)
    const { items } = await body.json() as { items: QueueCounts[] }
    if (items.some(({ failed }) => failed > 0)) throw new Error('jobs of the benchmark have failed')
    return items.reduce((sum, { waiting, active, delayed }) => sum + waiting + active + delayed, 0)
  }

  return {
    pid: child.pid,
    address,
    ended,
    open,
    untilEnded: (count, before) => untilCount(ended, before + count * PROCESSES.length, before),
    stop: async () => {
      if (child.exitCode === null) {
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        await exit
      }
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
