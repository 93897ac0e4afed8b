import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { BACKENDS, missing, openBackend, type BackendName } from '../fixtures/servers.ts'

const CHILD = fileURLToPath(new URL('./fixtures/crash-child.ts', import.meta.url))
/** More than one story by hand: `CRASHES=20 npx tap test/ledger/crashes.ts`. */
const STORIES = Number(process.env['CRASHES'] ?? 1)
/** One process dies after the other, each at its step, before the last one goes on to the end. */
const STEPS: Record<BackendName, string[]> = {
  redis: ['before commit', 'after commit', 'in run', 'before complete'],
  postgres: ['before commit', 'after commit', 'before delivery', 'after delivery', 'in run', 'before complete'],
  pglite: ['after commit', 'before delivery', 'in run', 'before complete']
}

t.jobs = 1
t.setTimeout(900_000)

for (const name of BACKENDS) {
  t.test(`processes that die on ${name}`, { skip: missing(name), timeout: 900_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sb-crash-'))
    const backend = await openBackend(name)
    t.teardown(async () => {
      await backend.close()
      rmSync(folder, { recursive: true, force: true })
    })
    for (let story = 0; story < STORIES; story++) {
      await t.test('every event is closed, every job settled once, and nothing is left', { timeout: 900_000 }, async (t) => {
        const tag = `t${story}`
        const log = join(folder, tag)
        writeFileSync(log, '')
        const task = { backend: backend.url, prefix: `{${tag}}`, tag, log }
        for (const [i, dieAt] of STEPS[name].entries()) t.equal(await runChild({ ...task, dieAt, nth: 1 + (story + i * 2) % 4 }), 'SIGKILL', dieAt)
        t.equal(await runChild({ ...task, dieAt: 'never', nth: 1 }), null)
        const lines = readFileSync(log, 'utf8').trim().split('\n')
        const report = lines.findLast((line) => line.startsWith('report'))?.slice('report '.length) ?? 'null'
        t.same(JSON.parse(report), { events: 36, open: 0, jobs: 48, complete: 48, ended: 12, ends: 0, outbox: 0 })
        t.same(twice(lines, 'settled'), [], 'no job is settled twice')
        t.same(ranAfterSettled(lines), [], 'no job is run after its settle was answered')
        t.same(lines.filter((line) => line.startsWith('error')), [])
      })
    }
  })
}

async function runChild (task: object): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [...process.execArgv, CHILD, JSON.stringify(task)], { stdio: ['ignore', 'inherit', 'inherit'] })
  return await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
}

function twice (lines: string[], what: string): string[] {
  const found = lines.filter((line) => line.startsWith(`${what} `))
  return found.filter((line, i) => found.indexOf(line) !== i)
}

function ranAfterSettled (lines: string[]): string[] {
  return lines.filter((line, i) => line.startsWith('run ') && lines.slice(0, i).includes(line.replace('run', 'settled')))
}
