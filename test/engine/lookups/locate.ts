import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { locate } from '../../../src/engine/lookups/locate.ts'
import { positionsOf } from '../../../src/engine/lookups/positions.ts'
import { temporaryFolder } from '../../fixtures/service.ts'

const TEXT = `{
  "greet": {
    "run": { "module": "./greet.ts" },
    "emits": ["greeted",
      "a\\"b,}"],
    "a/b": 1
  },
  "other": "queue"
}`

t.test('each value of a JSON text has its line and column', async (t) => {
  const positions = positionsOf(TEXT)
  t.same(positions.get('/greet'), { line: 2, column: 3 })
  t.same(positions.get('/greet/run/module'), { line: 3, column: 14 })
  t.same(positions.get('/greet/emits/1'), { line: 5, column: 7 })
  t.same(positions.get('/greet/a~1b'), { line: 6, column: 5 })
  t.same(positions.get('/other'), { line: 8, column: 3 })
})

t.test('what is wrong is told with file, line and column', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'process_lookup.json'), TEXT)
  writeFileSync(join(folder, 'event_lookup.json'), '{\n  "a": ["b" "c"]\n}')
  t.equal(locate(folder, 'process_lookup.json: greet/run/module is wrong'), 'process_lookup.json:3:14: greet/run/module is wrong')
  t.equal(locate(folder, 'process_lookup.json: greet: the queue x is taken'), 'process_lookup.json:2:3: greet: the queue x is taken')
  t.equal(locate(folder, 'process_lookup.json: greet must NOT have additional properties: emits'), 'process_lookup.json:4:5: greet must NOT have additional properties: emits')
  t.equal(locate(folder, 'process_lookup.json: a loop of emits: x → y'), 'process_lookup.json: a loop of emits: x → y')
  t.match(locate(folder, 'event_lookup.json: Expected \',\''), /^event_lookup\.json:\d+:\d+: /)
  t.equal(locate(folder, 'schedule_lookup.json: nightly: needs either cron or every'), 'schedule_lookup.json: nightly: needs either cron or every')
})
