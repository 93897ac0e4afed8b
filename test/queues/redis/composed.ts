import { createRequire } from 'node:module'
import { Job, Queue } from 'bullmq'
import { Redis } from 'ioredis'
import t from 'tap'
import type { QueuedJob } from '../../../src/base/queued-job.ts'
import { checkQueued } from '../../../src/queues/queued.ts'
import { ADD_SCRIPTS, createComposedEnqueuer } from '../../../src/queues/redis/composed.ts'
import { missing, openBackend } from '../../fixtures/servers.ts'

const require = createRequire(import.meta.url)
const PREFIX = '{t}'
const plain: QueuedJob = { queue: 'q', id: 'a', name: 'p', data: { ü: 1 } }

t.test('BullMQ is the version whose private parts were read', async (t) => {
  t.match(require('bullmq/package.json'), { version: /^6\.7\./ })
})

t.test('its three scripts that add a job lie where they are looked for, and take as many keys', async (t) => {
  for (const [name, keys] of Object.entries(ADD_SCRIPTS)) {
    const script = require(`bullmq/dist/cjs/scripts/${name}-${keys}.js`) as Record<string, { keys: number, content: string }>
    t.equal(script[name]?.keys, keys)
    t.match(script[name]?.content, /\nreturn jobId/, 'it ends with the id')
    t.notMatch(script[name]?.content, /ARGV\[4\]|redis\.setresp|#!lua/, 'it may run as a function of three arguments')
  }
})

t.test('its backend chooses the script and writes the arguments at once', async (t) => {
  const { toCall } = createComposedEnqueuer(PREFIX)
  const calls = [plain, { ...plain, options: { priority: 2 } }, { ...plain, options: { delay: 5 } }].map(toCall)
  t.same(calls.map(({ name, keys, args }) => [name, keys.length, args.length]), [['addStandardJob', 9, 3], ['addPrioritizedJob', 9, 3], ['addDelayedJob', 6, 3]])
  t.equal(calls[0]?.keys[0], '{t}:q:wait')
  t.equal(calls[0]?.keys, toCall({ ...plain, id: 'b' }).keys, 'one array for one queue and script')
})

t.test('a job put on its queue by the composed script is what Queue.add would have made', { skip: missing('redis'), timeout: 120_000 }, async (t) => {
  const backend = await openBackend('redis')
  const client = new Redis(backend.url, { maxRetriesPerRequest: null })
  const enqueuer = createComposedEnqueuer(PREFIX)
  t.teardown(async () => {
    client.disconnect()
    await backend.close()
  })
  const options: Array<[QueuedJob['options'], string[]]> = [
    [{}, ['wait']],
    [{ attempts: 3, backoff: { type: 'exponential', delay: 100 }, keep: true }, ['wait']],
    [{ attempts: 3, backoff: { type: 'list', delays: [1, 2] } }, ['wait']],
    [{ priority: 7 }, ['pc', 'prioritized']],
    [{ delay: 60_000 }, ['delayed']]
  ]
  for (const [i, [given, places]] of options.entries()) {
    const [ours, theirs] = [{ ...plain, queue: `ours${i}`, options: given }, new Queue(`theirs${i}`, { connection: client, prefix: PREFIX })] as const
    const { name, keys, args } = enqueuer.toCall(ours)
    await client.eval(`local add = {}\n${enqueuer.lua}\nreturn add['${name}'](KEYS, ARGV)`, keys.length, ...keys, ...args)
    const { keep = false, ...rest } = given ?? {}
    await theirs.add(plain.name, plain.data, { attempts: 1, ...rest, jobId: plain.id, removeOnComplete: !keep, removeOnFail: false })
    const [mine, other] = await Promise.all([`ours${i}`, `theirs${i}`].map((queue) => contents(client, queue)))
    t.same(mine, other)
    for (const place of places) t.ok(mine?.keys.includes(place), place)
    await theirs.close()
  }
})

t.test('what BullMQ refuses is refused before it is sent', async (t) => {
  const refused: QueuedJob[] = [{ ...plain, id: '12' }, { ...plain, id: '-5' }, { ...plain, id: 'a:b' }, { ...plain, options: { priority: 2 ** 21 } }, { ...plain, options: { priority: 1.5 } }]
  for (const job of refused) {
    t.throws(() => { validate(job) }, job.id)
    t.throws(() => { checkQueued(job) }, job.id)
  }
  for (const id of ['a', '01', '1e5', 'a b', 'ü', 'a.b~2']) {
    t.doesNotThrow(() => { validate({ ...plain, id }) })
    t.doesNotThrow(() => { checkQueued({ ...plain, id }) })
  }
})

/** What BullMQ does before it adds a job. */
function validate ({ id, name, data, options }: QueuedJob): void {
  const queue = { toKey: () => '', qualifiedName: 'q', opts: {}, getBackend: () => ({}) }
  const job = new Job(queue as never, name, data, { ...options, jobId: id } as never, id) as unknown as { asJSON: () => object, validateOptions: (json: object) => void }
  job.validateOptions(job.asJSON())
}

/** The keys of a queue, its job without the times, and what its stream tells. */
async function contents (client: Redis, queue: string): Promise<{ keys: string[], job: Record<string, string>, events: unknown }> {
  const base = `${PREFIX}:${queue}:`
  const { timestamp, ...job } = await client.hgetall(`${base}a`)
  const events = await client.xrange(`${base}events`, '-', '+')
  return {
    keys: (await client.keys(`${base}*`)).map((key) => key.slice(base.length)).sort(),
    job: { ...job, opts: JSON.stringify(Object.entries(JSON.parse(job['opts'] ?? '{}')).sort()) },
    events: events.map(([, fields]) => fields.map((field) => /^\d{13}$/.test(field) ? 'a time' : field))
  }
}
