import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { HOME } from '../fixtures/places.ts'
import { openAnyBackend } from '../fixtures/servers.ts'
import { openService, step } from '../fixtures/service.ts'

const run = promisify(execFile)
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'no python3 on this machine (Debian: apt-get install python3)'

const SCRIPT = `
import json
from signalbox import Signalbox, SignalboxError
box = Signalbox(timeout=10, tries=2)
event = box.submit("arrived", subject="ada", data={"n": 1}, id="from-python")
again = box.submit("arrived", subject="ada", data={"n": 1}, id="from-python")
[(process, job)] = event["jobs"]
told = {"process": process, "same": again["jobs"] == event["jobs"], "status": box.wait(process, job, 60)["status"]}
told["types"] = [one["type"] for one in box.pages(box.list_events, type="arrived", limit=1)]
told["plan"] = box.submit_event({"type": "arrived"}, dry_run=True)["dry_run"]
try:
    box.submit("arived")
except SignalboxError as error:
    told["refused"] = [error.code, error.status]
try:
    Signalbox("http://127.0.0.1:1", tries=1).list_queues()
except SignalboxError as error:
    told["away"] = error.code
print(json.dumps(told))
`

t.test('the Python client submits, waits, pages and says what was refused, with Python alone', { skip }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(backend.close)
  const { url } = await openService(t, {
    backend: backend.url,
    lookups: { events: { arrived: ['greet'] }, processes: { greet: step() } },
    env: { SIGNALBOX_TOKEN: 'a-key-of-this-test' }
  })
  const env = { PATH: process.env['PATH'], PYTHONPATH: join(HOME, 'clients', 'python'), PYTHONDONTWRITEBYTECODE: '1', SIGNALBOX_URL: url, SIGNALBOX_TOKEN: 'a-key-of-this-test' }
  const { stdout } = await run('python3', ['-I', '-c', `import sys; sys.path.insert(0, ${JSON.stringify(env.PYTHONPATH)})\n${SCRIPT}`], { env, timeout: 120_000 })
  t.same(JSON.parse(stdout), {
    process: 'greet',
    same: true,
    status: 'complete',
    types: ['arrived'],
    plan: true,
    refused: ['UNKNOWN_EVENT_TYPE', 404],
    away: 'CONNECTION_FAILED'
  })
})
