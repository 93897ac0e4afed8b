import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BACKENDS, missing, openBackend, until } from '../fixtures/servers.ts'
import { createCall, roleEnvironment, spawnRole, step, temporaryFolder, writeLookups } from '../fixtures/service.ts'

t.jobs = 1

for (const name of BACKENDS.filter((one) => one !== 'pglite')) {
  t.test(`on ${name}, a datastore that is away gives 503 in time, and needs no restart when it is back`, { skip: missing(name), timeout: 120_000 }, async (t) => {
    const folder = temporaryFolder(t)
    const backend = await openBackend(name)
    writeLookups(folder, { events: { arrived: ['first'] }, processes: { first: step() } })
    const env = await roleEnvironment(folder, backend.url)
    const role = await spawnRole('start', env)
    const call = createCall(`http://127.0.0.1:${env['PORT']}`)
    t.teardown(async () => {
      await call.close()
      await role.end('SIGKILL')
      await backend.close()
    })
    t.equal((await call('POST', '/jobs', { type: 'arrived' })).status, 202)
    t.equal((await call('GET', '/ready')).status, 200)
    await backend.stop()
    for (const [method, path, body] of [['POST', '/jobs', { type: 'arrived' }], ['POST', '/jobs', { type: 'arrived', id: 'x' }], ['GET', '/events', undefined], ['GET', '/jobs/first', undefined], ['GET', '/ready', undefined], ['GET', '/queues', undefined]] as const) {
      const begun = Date.now()
      const answer = await call(method, path, body)
      t.equal(answer.status, 503, `${method} ${path}`)
      t.ok(answer.headers['retry-after'], 'says when to try again')
      t.ok(Date.now() - begun < 2500, `answers in time (${Date.now() - begun} ms)`)
    }
    t.equal((await call('GET', '/live')).status, 200)
    t.equal((await call('GET', '/metrics')).status, 200)
    await backend.start()
    await until(async () => (await call('GET', '/ready')).status === 200, 'readiness')
    const answer = await call('POST', '/jobs', { type: 'arrived' })
    t.equal(answer.status, 202)
    const [[processName, id]] = answer.body
    await until(async () => (await call('GET', `/jobs/${processName}/${id}`)).body.status === 'complete', 'the job after the return')
  })
}

for (const name of BACKENDS) {
  t.test(`on ${name}, SIGTERM lets short work finish and hands long work back`, { skip: missing(name), timeout: 120_000 }, async (t) => {
    const folder = temporaryFolder(t)
    const backend = await openBackend(name)
    const trace = join(folder, 'trace')
    writeLookups(folder, { events: { short: ['short'], long: ['long'] }, processes: { short: step({ params: { default: { ms: 400, trace } } }), long: step({ params: { default: { ms: 60_000 } } }) } })
    const env: Record<string, string> = { ...await roleEnvironment(folder, backend.url), SIGNALBOX_SHUTDOWN_MS: '1500', SIGNALBOX_LOCK_MS: '20000' }
    let role = await spawnRole('start', env)
    let call = createCall(`http://127.0.0.1:${env['PORT']}`)
    t.teardown(async () => {
      await call.close()
      await role.end('SIGKILL')
      await backend.close()
    })
    const [[, short]] = (await call('POST', '/jobs', { type: 'short' })).body
    const [[, long]] = (await call('POST', '/jobs', { type: 'long' })).body
    await until(async () => (await call('GET', `/jobs/long/${long}`)).body.status === 'running')
    await until(async () => (await call('GET', `/jobs/short/${short}`)).body.status !== 'submitted')
    await call.close()
    t.equal(await role.end('SIGTERM'), 0)
    t.equal(existsSync(trace), true, 'the short job ran to its end')
    role = await spawnRole('start', env)
    call = createCall(`http://127.0.0.1:${env['PORT']}`)
    t.equal((await call('GET', `/jobs/short/${short}`)).body.status, 'complete')
    await until(async () => (await call('GET', `/jobs/long/${long}`)).body.status === 'running', 'the long job is taken again long before its lock would have ended', 10_000)
    const job = (await call('GET', `/jobs/long/${long}`)).body
    t.equal(job.reason, null)
    await call('DELETE', `/jobs/long/${long}`)
  })
}
