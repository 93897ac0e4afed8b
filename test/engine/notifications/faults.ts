import t from 'tap'
import { SECRET_KEY, WEBHOOK_SECRET, ended, openHttpReceiver, quiet, readWebhook, storeBlocks, submit } from '../../fixtures/receivers.ts'
import { BACKENDS, missing, openBackend, until } from '../../fixtures/servers.ts'
import { createCall, roleEnvironment, spawnRole, step, temporaryFolder, writeLookups, type Running } from '../../fixtures/service.ts'

t.jobs = 1

for (const name of BACKENDS.filter((one) => one !== 'pglite')) {
  t.test(`on ${name}, whatever is killed when: each end is told, under one id`, { skip: missing(name), timeout: 180_000 }, async (t) => {
    const folder = temporaryFolder(t)
    const backend = await openBackend(name)
    t.teardown(backend.close)
    const http = await openHttpReceiver(t)
    await storeBlocks(backend.url, { 'webhook/plain': { url: http.url, secret: WEBHOOK_SECRET } })
    const notify = [{ webhook: { block: 'plain' } }]
    writeLookups(folder, { events: { go: { processes: ['work', 'fails'], notify } }, processes: { work: step({ params: { default: { ms: 20 } }, notify }), fails: step({ params: { default: { ms: 20, fail: 'no' } }, notify }) } })
    const env = { ...await roleEnvironment(folder, backend.url), SIGNALBOX_SECRET_KEY: SECRET_KEY, SIGNALBOX_NOTIFY_RETRIES: '50ms,100ms,200ms', SIGNALBOX_LOCK_MS: '1000', SIGNALBOX_STALLED_MS: '300' }
    const running = new Map<string, Running>()
    const start = async (role: string): Promise<void> => { running.set(role, await spawnRole(role, { ...env, ...(role === 'api' ? {} : { SIGNALBOX_STATUS_PORT: '-1' }) })) }
    await Promise.all(['api', 'worker', 'results'].map(start))
    const call = createCall(`http://127.0.0.1:${String((env as Record<string, string>)['PORT'])}`)
    t.teardown(async () => {
      await call.close()
      for (const one of running.values()) await one.end('SIGKILL')
    })
    const keys: string[] = []
    for (const role of ['worker', 'results']) {
      for (let i = 0; i < 15; i++) keys.push(await submit(call, { type: 'go' }))
      const before = http.received.length
      await until(() => http.received.length > before + 1, 'work under way')
      await running.get(role)?.end('SIGKILL')
      await start(role)
    }
    for (const key of keys) await ended(call, key)
    const told = () => new Map(http.received.map((one) => [one.headers['webhook-id'], readWebhook(one)]))
    // Some are not on their queue yet: who committed them was killed, and the result poller finds them.
    await until(() => told().size >= 3 * keys.length, 'a notice of each end')
    await quiet(call)
    t.same([...told().values()].map(({ type, data }) => `${type} ${data.id}`).sort(), keys.flatMap((key) => [`event.failed ${key}`, `job.complete ${key}.work`, `job.failed ${key}.fails`]).sort())
  })
}
