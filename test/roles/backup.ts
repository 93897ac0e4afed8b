import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { listEvents } from '../faults/fixtures/history.ts'
import { freePort, missing, openBackend, until } from '../fixtures/servers.ts'
import { command, roleEnvironment, spawnRoles, step, temporaryFolder, writeLookups, type Call } from '../fixtures/service.ts'

t.jobs = 1
t.setTimeout(300_000)

type Told = { key: string, id: string, jobs: Array<[string, string]> }

const lookups = { events: { arrived: ['first', 'slow'] }, processes: { first: step(), slow: step({ params: { fixed: { ms: 300 } } }) } }

/** Events, one after the other, until `signal` says that it is enough. */
async function send (call: Call, told: Told[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const id = `event-${told.length}`
    const { status, headers, body } = await call('POST', '/jobs', { type: 'arrived', id, source: '/backup' })
    if (status === 202) told.push({ id, key: String(headers['location']).replace('/events/', ''), jobs: body })
    // Its worker keeps up.
    await sleep(50)
  }
}

for (const name of ['postgres', 'redis'] as const) {
  t.test(`on ${name}, a backup that is made while events run is brought back into an empty datastore, with every job`, { skip: missing(name) }, async (t) => {
    const [folder, backend, other] = [temporaryFolder(t), await openBackend(name), await openBackend(name)]
    writeLookups(folder, lookups)
    const env = await roleEnvironment(folder, backend.url)
    const file = join(folder, 'box.backup')
    const { call } = await spawnRoles(t, backend, env)
    const [told, enough] = [[] as Told[], new AbortController()]
    const sending = send(call, told, enough.signal)
    await until(() => told.length >= 50, 'events')
    const before = told.slice()
    const kept = await command(['backup', file], env)
    t.match(kept, { code: 0, output: /is kept in/ }, kept.output)
    t.notMatch(kept, { output: /password/ })
    const after = told.length
    await until(() => told.length >= after + 20, 'events after it')
    enough.abort()
    await sending
    t.match(await command(['backup', file], env), { output: /is there already/ })

    const env2 = { ...env, SIGNALBOX_BACKEND: other.url, PORT: String(await freePort()) }
    const restored = await command(['restore', file], env2)
    t.match(restored, { code: 0 }, restored.output)
    const { call: ask } = await spawnRoles(t, other, env2)
    await until(async () => (await listEvents(ask)).every(({ status }) => status === 'complete'), 'the end of what was under way')
    const found = new Set((await listEvents(ask)).map(({ id }) => String(id)))
    t.same(before.filter(({ key }) => !found.has(key)), [], 'what was acknowledged before it is there')
    t.ok(found.size < told.length, 'what came after is not')
    for (const { id, key, jobs } of told.filter(({ key }) => found.has(key))) {
      const { body } = await ask('GET', `/events/${key}`)
      const listed = body.jobs.map((job: { process: string, id: string, status: string }) => [job.process, job.id, job.status])
      if (JSON.stringify(listed) !== JSON.stringify(jobs.map((job) => [...job, 'complete']))) t.fail(`${id}: ${JSON.stringify(listed)}`)
    }
    const [first] = before
    t.match(await ask('POST', '/jobs', { type: 'arrived', id: first?.id, source: '/backup' }), { status: 200, body: first?.jobs }, 'an event is known there')
    t.match(await ask('POST', '/jobs', { type: 'arrived', id: 'new', source: '/backup' }), { status: 202 })
    t.match(await command(['restore', file], env2), { code: 1, output: /already/ }, 'not over what is there')
  })

  t.test(`on ${name}, a file that is cut short is not brought back, and nothing of it is there`, { skip: missing(name) }, async (t) => {
    const [folder, backend, other] = [temporaryFolder(t), await openBackend(name), await openBackend(name)]
    t.teardown(async () => { await Promise.all([backend.close(), other.close()]) })
    writeLookups(folder, lookups)
    const env = await roleEnvironment(folder, backend.url)
    const [file, cut] = [join(folder, 'box.backup'), join(folder, 'cut.backup')]
    t.match(await command(['migrate'], env), { code: 0 })
    t.match(await command(['backup', file], env), { code: 0 })
    writeFileSync(cut, readFileSync(file).subarray(0, -40))
    const env2 = { ...env, SIGNALBOX_BACKEND: other.url }
    const refused = await command(['restore', cut], env2)
    t.equal(refused.code, 1, refused.output)
    t.match(await command(['restore', file], env2), { code: 0 }, 'it is empty still')
    await backend.stop()
    const failed = await command(['backup', join(folder, 'none')], env)
    t.equal(failed.code, 1, failed.output)
    t.notOk(existsSync(join(folder, 'none')) || existsSync(join(folder, 'none.part')), 'and no file that looks like a backup')
  })
}
