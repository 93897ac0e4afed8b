import { join } from 'node:path'
import t from 'tap'
import { createStrays } from '../../../src/runners/module/strays.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { createCall, roleEnvironment, spawnRole, temporaryFolder, writeLookups } from '../../fixtures/service.ts'
import { HOME } from '../../fixtures/places.ts'

const job = { process: 'p', job: 'e1.p', file: 'of-the-module.mjs' }

t.test('what is thrown in the context of a job fails that job and names it', async (t) => {
  const strays = createStrays()
  let stray: unknown
  const other = strays.run({ ...job, job: 'e2.p' }, async () => await new Promise((resolve) => setTimeout(resolve, 50, 'done')))
  const failed = strays.run(job, async () => {
    setTimeout(() => { stray = strays.caught(new Error('thrown in a timer')) })
    await new Promise(() => {})
  })
  await t.rejects(failed, { message: 'thrown in a timer' })
  t.same(stray, { process: 'p', job: 'e1.p', late: false })
  t.equal(await other, 'done')
})

t.test('what is thrown after the end of a job is told as late', async (t) => {
  const strays = createStrays()
  const thrown = new Promise((resolve) => {
    void strays.run(job, async () => { setTimeout(() => { resolve(strays.caught(new Error('late'))) }, 5) })
  })
  t.same(await thrown, { process: 'p', job: 'e1.p', late: true })
})

t.test('without a context the place of an error tells its job, and an error of nobody is nobody\'s', async (t) => {
  const strays = createStrays()
  const failed = strays.run(job, async () => await new Promise(() => {}))
  t.equal(strays.caught(new Error('of the service')), undefined)
  const error = Object.assign(new Error('in a microtask'), { stack: 'Error: in a microtask\n    at file:///x/of-the-module.mjs:3:1' })
  t.same(strays.caught(error), { process: 'p', job: 'e1.p', late: false })
  await t.rejects(failed, { message: 'in a microtask' })
})

t.test('a worker outlives modules in its event loop that throw where nobody waits', { timeout: 240_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const run = { module: join(HOME, 'test', 'fixtures', 'modules', 'strays.mjs'), thread: false }
  writeLookups(folder, { events: { go: ['stray'] }, processes: { stray: { run } } })
  const env = await roleEnvironment(folder, backend.url)
  const service = await spawnRole('start', env)
  const call = createCall(`http://127.0.0.1:${env.PORT}`)
  t.teardown(() => call.close())
  for (const way of ['timer', 'rejection', 'microtask']) {
    const [[, id = ''] = []] = (await call('POST', '/jobs', { type: 'go', id: way, data: { way } })).body as Array<[string, string]>
    t.match((await call('GET', `/jobs/stray/${id}?wait=60`)).body, { status: 'failed', reason: `stray ${way} ${way}` })
  }
  const [[, id = ''] = []] = (await call('POST', '/jobs', { type: 'go', id: 'late', data: { way: 'late' } })).body as Array<[string, string]>
  t.match((await call('GET', `/jobs/stray/${id}?wait=60`)).body, { status: 'complete', output: 'done' })
  await until(async () => service.output().includes('stray late late'), 'the line of the log')
  t.equal((await call('GET', '/live')).status, 200)
  await service.end('SIGTERM')
})
