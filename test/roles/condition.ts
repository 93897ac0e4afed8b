import t from 'tap'
import { pino } from 'pino'
import { createLoops } from '../../src/base/loops.ts'
import { errors } from '../../src/base/errors.ts'
import type { Condition } from '../../src/queues/work.ts'
import { watchCondition, type WatchSettings } from '../../src/roles/condition.ts'
import { until } from '../fixtures/servers.ts'

type Line = { level: number, msg: string, warning?: string, reason?: string }

/** A watch over a datastore of which the test says how it is. */
async function watch (condition: () => Promise<Condition>, settings: Partial<WatchSettings> = {}) {
  const lines: Line[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => { lines.push(JSON.parse(line)) } })
  const config: WatchSettings = { backend: 'redis://h', store: 's3://bucket', queues: { high_water: 80, min_free_mb: 1 }, ...settings }
  return { lines, watch: await watchCondition({ config, work: { condition }, log, loops: createLoops(() => {}) }) }
}

t.test('a datastore that is full closes the intake until it is not, and each is told once', { timeout: 60_000 }, async (t) => {
  let full: string | undefined
  let asked = 0
  const { watch: one, lines } = await watch(async () => {
    asked++
    return { full, warnings: ['it may throw away'] }
  })
  t.teardown(one.close)
  t.match(one.state(), { full: undefined, diskFull: false, warnings: ['it may throw away'], isStopping: false })
  full = 'Redis has used 85 %'
  await until(() => one.state().full !== undefined)
  t.equal(one.state().full, full)
  t.equal(one.state().diskFull, false)
  const then = asked
  await until(() => asked > then)
  full = undefined
  await until(() => one.state().full === undefined)
  t.same(lines.map(({ msg, warning, reason }) => [msg, warning ?? reason]), [
    ['the datastore is not safe', 'it may throw away'],
    ['no new event is taken', 'Redis has used 85 %'],
    ['events are taken again', undefined]
  ])
})

t.test('the disk of the embedded datastore and of the store has a limit of its own', async (t) => {
  const folder = t.testdir()
  const good = async (): Promise<Condition> => ({ full: undefined, warnings: [] })
  const queues = { high_water: 80, min_free_mb: 1_000_000_000 }
  for (const settings of [{ backend: `pglite:${folder}` }, { store: `file:${folder}` }]) {
    const { watch: one } = await watch(good, { ...settings, queues })
    await one.close()
    t.match(one.state().full, /^the disk of .* has \d+ MB left, and 1000000000 MB are the least$/)
    t.equal(one.state().diskFull, true)
  }
  const { watch: absent } = await watch(good, { store: `file:${folder}/not/there/yet`, queues })
  await absent.close()
  t.equal(absent.state().full, undefined, 'a folder that is not there yet says nothing')
})

t.test('a datastore that cannot be used at all ends the start, and one that does not answer does not', async (t) => {
  await t.rejects(watch(async () => { throw errors.datastoreUnfit('Redis 5 is too old') }), { code: 'DATASTORE_UNFIT' })
  const { watch: one } = await watch(async () => { throw new Error('no answer') })
  await one.close()
  t.match(one.state(), { full: undefined, warnings: [] })
})

t.test('what has been asked to end stays so', async (t) => {
  const { watch: one } = await watch(async () => ({ full: undefined, warnings: [] }))
  t.teardown(one.close)
  one.stopping()
  t.equal(one.state().isStopping, true)
})
