import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { HOME } from '../fixtures/places.ts'
import { missing, type BackendName } from '../fixtures/servers.ts'

/** The short form of `npm run faults`: what nothing else tries. */
const SHORT: ReadonlyArray<[fault: string, on: BackendName]> = [
  ['terminated connections', 'postgres']
]

t.jobs = 1
t.setTimeout(230_000)

for (const [name, backend] of SHORT) {
  t.test(`${name} on ${backend}: nothing is lost, nothing is done twice by our doing, and every role heals`, { skip: missing(backend), timeout: 200_000 }, async (t) => {
    const script = ['--import=./node_modules/jiti/lib/jiti-register.mjs', 'test/faults/fixtures/main.ts', backend, name]
    const { code, output } = await promisify(execFile)(process.execPath, script, { cwd: HOME, env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } })
      .then(({ stdout }) => ({ code: 0, output: stdout }), (error: { code: number, stdout: string, stderr: string }) => ({ code: error.code, output: error.stdout + error.stderr }))
    t.equal(code, 0, output)
    t.match(output, `| ${name} | ${backend} |`)
  })
}
