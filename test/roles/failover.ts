import t from 'tap'
import { missing, until } from '../fixtures/servers.ts'
import { createCall, roleEnvironment, spawnRole, step, temporaryFolder, writeLookups } from '../fixtures/service.ts'
import { openCluster, openSentinels } from './fixtures/redis-groups.ts'
import { openStandby } from './fixtures/postgres-standby.ts'

t.jobs = 1

/** A datastore of several servers, of which the one is lost that is written to. */
const GROUPS = [
  { name: 'three sentinels', needs: 'redis', open: openSentinels },
  { name: 'a cluster of three', needs: 'redis', open: openCluster },
  { name: 'two hosts of PostgreSQL', needs: 'postgres', open: openStandby }
] as const

for (const { name, needs, open } of GROUPS) {
  t.test(`with ${name}, the roles follow to the new primary by themselves`, { skip: missing(needs), timeout: 240_000 }, async (t) => {
    const folder = temporaryFolder(t)
    const group = await open()
    writeLookups(folder, { events: { arrived: ['first'] }, processes: { first: step() } })
    const env = await roleEnvironment(folder, group.url)
    const role = await spawnRole('start', env)
    const call = createCall(`http://127.0.0.1:${env['PORT']}`)
    t.teardown(async () => {
      await call.close()
      await role.end('SIGKILL')
      await group.close()
    })
    const untilComplete = async (id: string): Promise<void> => {
      await until(async () => (await call('GET', `/jobs/first/${id}`)).body.status === 'complete', `the job ${id}`, 90_000)
    }
    const before = await call('POST', '/jobs', { type: 'arrived', id: 'before' })
    t.equal(before.status, 202)
    const [[, first]] = before.body
    await untilComplete(first)
    await group.loseFirst()
    let after = await call('POST', '/jobs', { type: 'arrived', id: 'after' })
    await until(async () => {
      if (after.status < 300) return true
      after = await call('POST', '/jobs', { type: 'arrived', id: 'after' })
      return false
    }, 'a primary that takes events', 90_000)
    const [[, second]] = after.body
    await untilComplete(second)
    t.equal((await call('GET', `/jobs/first/${first}`)).body.status, 'complete', 'what was there before is there')
    await until(async () => (await call('GET', '/ready')).status === 200, 'readiness')
    let seen: unknown
    await until(async () => {
      const { status, body } = await call('GET', '/queues')
      seen = { status, body }
      return status === 200 && body.items.length === 1 && body.items[0].workers > 0
    }, () => `the worker on its queue; seen last: ${JSON.stringify(seen)}; log: ${role.output().slice(-2000)}`, 90_000)
  })
}
