import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'

t.test('a process whose event loop does not turn ends itself and says so; before that it is left alone', { timeout: 120_000 }, async (t) => {
  const file = fileURLToPath(new URL('./fixtures/frozen.ts', import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => { child.kill('SIGKILL') })
  const [out, err, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  t.equal(out, 'turned\n')
  t.match(err, /the event loop has not turned for \d+ s: this process ends itself/)
  t.same([code, signal], [null, 'SIGKILL'])
})
