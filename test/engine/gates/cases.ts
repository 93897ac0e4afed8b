import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DATA } from '../../fixtures/places.ts'
import { openAnyBackend } from '../../fixtures/servers.ts'
import { play, type FlowCase } from './fixtures/play.ts'

const CASES = join(DATA, 'cases', 'flow')
const files = existsSync(CASES) ? readdirSync(CASES).filter((name) => name.endsWith('.json')) : []

// Most of a case is waiting.
t.jobs = 4

if (files.length === 0) t.pass('skipped: the cases of flow control are not on this machine')
for (const file of files) {
  const given = JSON.parse(readFileSync(join(CASES, file), 'utf8')) as FlowCase
  t.test(`${file.replace('.json', '')}: ${given.about}`, { timeout: 600_000, buffered: true }, async (t) => {
    const backend = await openAnyBackend()
    t.teardown(() => backend.close())
    await play(t, backend.url, given)
  })
}
