import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { BACKENDS, missing, openBackend, until } from '../../fixtures/servers.ts'
import { roleEnvironment, spawnRoles, step, temporaryFolder, writeLookups, type Call } from '../../fixtures/service.ts'

const TRIGGERS = 100
/** A job that takes a fourth worker with it would be given up. */
const KILLS_OF_A_ROLE = 2

t.jobs = 1

for (const name of BACKENDS) {
  t.test(`on ${name}, killing keepers and workers at any time changes neither number of runs`, { skip: missing(name), timeout: 200_000 }, async (t) => {
    const folder = temporaryFolder(t)
    const backend = await openBackend(name)
    const [trace, hold] = [join(folder, 'trace'), join(folder, 'hold')]
    writeFileSync(hold, '')
    writeLookups(folder, {
      events: { asked: ['merge'] },
      processes: { merge: step({ coalesce: { by: 'subject' }, params: { default: { trace, hold } } }, 'hold') }
    })
    const env = await roleEnvironment(folder, backend.url)
    const { names, call, killAndStart } = await spawnRoles(t, { name, close: backend.close }, env)
    await submit(call, 'first')
    await until(async () => (await find(call, '/jobs/merge?status=running')).length === 1, 'the first run')
    const kills = Promise.all(names.map(async (role) => {
      for (let n = 0; n < KILLS_OF_A_ROLE; n++) {
        await sleep(100 + Math.random() * 2000)
        await killAndStart(role)
      }
    }))
    await Promise.all([0, 1, 2, 3].map(async (lane) => {
      for (let n = lane; n < TRIGGERS; n += 4) await submit(call, `trigger ${n}`)
    }))
    await until(async () => (await find(call, '/jobs/merge?status=absorbed&limit=200')).length === TRIGGERS - 1, 'the absorption of all but one', 100_000)
    t.equal(existsSync(trace), false, 'nothing has ended yet')
    await kills
    writeFileSync(hold, 'go')
    await until(async () => (await find(call, '/events?limit=200')).every(({ status }) => status === 'complete'), 'the end of all')

    const jobs = readFileSync(trace, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { job: string, absorbed: string[] })
    t.equal(new Set(jobs.map(({ job }) => job)).size, 2, 'the one that ran, and one for all that came meanwhile')
    t.equal(jobs.length, 2)
    t.equal(jobs[1]?.absorbed.length, TRIGGERS - 1)
    t.equal(new Set(jobs[1]?.absorbed).size, TRIGGERS - 1)
  })
}

async function submit (call: Call, id: string): Promise<void> {
  for (;;) {
    try {
      const { status } = await call('POST', '/jobs', { type: 'asked', subject: 'one', id })
      if (status === 202 || status === 200) return
    } catch (error) {
      if (!('code' in (error as object))) throw error
    }
    await sleep(50)
  }
}

/** Nothing while a role is down. */
async function find (call: Call, path: string): Promise<Array<{ status: string }>> {
  try {
    // A list is dear to be asked for all the time.
    await sleep(200)
    const { status, body } = await call('GET', path)
    return status === 200 ? body.items : [{ status: 'unknown' }]
  } catch {
    return [{ status: 'unknown' }]
  }
}
