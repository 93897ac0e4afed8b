import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { BACKENDS, missing, openBackend, until } from '../fixtures/servers.ts'
import { roleEnvironment, spawnRoles, step, temporaryFolder, writeLookups, type Call } from '../fixtures/service.ts'

const EVENTS = 120
const KILLS = 2

t.jobs = 1

for (const name of BACKENDS) {
  t.test(`on ${name}, any role killed at any time loses nothing and causes nothing twice`, { skip: missing(name), timeout: 240_000 }, async (t) => {
    const folder = temporaryFolder(t)
    const backend = await openBackend(name)
    const trace = join(folder, 'trace')
    writeLookups(folder, {
      events: { arrived: ['first', 'second'], went_on: ['third'], noted: [] },
      processes: {
        first: step({ emits: ['went_on'], params: { default: { ms: 10, trace, emit: [{ type: 'went_on', data: { emit: [{ type: 'noted' }], trace } }] } } }),
        second: step({ emits: ['noted'], params: { default: { ms: 5, trace, emit: [{ type: 'noted' }, { type: 'noted' }] } } }),
        third: step({ emits: ['noted'] })
      }
    })
    const env = await roleEnvironment(folder, backend.url)
    const { names, call, killAndStart } = await spawnRoles(t, { name, close: backend.close }, env)

    const killing = Promise.all(names.map(async (role) => {
      for (let kill = 0; kill < KILLS; kill++) {
        await sleep(100 + Math.random() * 1500)
        await killAndStart(role)
      }
    }))
    const ids = Array.from({ length: EVENTS }, (_, i) => `event-${i}`)
    const keys = new Map<string, string>()
    const submitAll = async (mine: string[]): Promise<void> => {
      for (const id of mine) {
        keys.set(id, await submitUntilTaken(call, { type: 'arrived', id }))
        await sleep(5)
      }
    }
    await Promise.all([killing, ...[0, 1, 2, 3].map((lane) => submitAll(ids.filter((_, i) => i % 4 === lane)))])

    await until(async () => (await all(call, '/events?')).every((event) => event.status !== 'incomplete'), 'the end of all events', 120_000)
    const events = await all(call, '/events?')
    const ofType = (type: string) => events.filter((event) => event.type === type)
    t.same(new Set(ofType('arrived').map((event) => event.id)), new Set(keys.values()), 'every accepted event is there once')
    t.equal(ofType('arrived').length, EVENTS)
    t.equal(ofType('went_on').length, EVENTS, 'every follow-on event exactly once')
    t.equal(ofType('noted').length, EVENTS * 3)
    t.same(events.filter((event) => event.status !== 'complete'), [], 'all complete')
    const runs = readFileSync(trace, 'utf8').trim().split('\n')
    t.equal(new Set(runs).size, EVENTS * 3, 'every job ran')
    t.comment(`${runs.length - EVENTS * 3} of ${EVENTS * 3} jobs ran a second time because their worker was killed`)
    const [key] = keys.values()
    const tree = (await call('GET', `/events/${key}`)).body
    t.equal(tree.tree_status, 'complete')
    t.same(tree.jobs.map((job: { process: string, events: Array<{ event: { type: string } }> }) => [job.process, job.events.map((one) => one.event.type)]), [['first', ['went_on']], ['second', ['noted', 'noted']]])
  })
}

async function submitUntilTaken (call: Call, event: object): Promise<string> {
  for (;;) {
    try {
      const answer = await call('POST', '/jobs', event)
      if (answer.status === 202 || answer.status === 200) return String(answer.headers['location']).replace('/events/', '')
      if (answer.status < 500) throw new Error(JSON.stringify(answer.body))
    } catch (error) {
      if (!('code' in (error as object))) throw error
    }
    await sleep(50)
  }
}

type Summary = { id: string, type: string, status: string }

/** All pages; while a role is down, from the start again. */
async function all (call: Call, path: string): Promise<Summary[]> {
  const items: Summary[] = []
  let next: string | null = ''
  while (next !== null) {
    const answer = await call('GET', `${path}limit=200${next === '' ? '' : `&cursor=${next}`}`)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
    items.push(...answer.body.items)
    next = answer.body.next
  }
  return items
}
