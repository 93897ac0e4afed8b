import { readFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BACKENDS, missing, openBackend, until } from '../../fixtures/servers.ts'
import { openService, step, temporaryFolder } from '../../fixtures/service.ts'

t.jobs = 1

for (const name of BACKENDS) {
  t.test(`gates on ${name}`, { skip: missing(name), timeout: 280_000 }, async (t) => {
    const backend = await openBackend(name)
    t.teardown(() => backend.close())
    await gates(t, backend.url)
  })
}

/** A process of the fixtures that writes what it ran for into `trace`, and holds while the file `hold` is there. */
const held = (trace: string, hold: string, more: Record<string, unknown> = {}) => step({ params: { default: { trace, hold } }, ...more }, 'hold')

async function gates (t: Test, backend: string): Promise<void> {
  const scratch = temporaryFolder(t)
  const file = (name: string) => join(scratch, name)
  const names = ['merge', 'quiet', 'throttled', 'leading', 'dump', 'joined', 'late', 'one_each', 'two_in_all', 'newest', 'first_only', 'stale', 'alone', 'other'] as const
  const trace = (name: string): Array<{ job: string, n?: number, key: string, absorbed: string[], joined: Record<string, { data?: { n?: number } }> }> => existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line)) : []
  const lookups = {
    events: {
      ...Object.fromEntries(names.map((name) => [name, [name]])),
      new_genebuild: ['protein_features', 'dump'],
      new_xrefs: ['dump'],
      features_done: ['dump'],
      left: ['joined', 'late'],
      right: ['joined', 'late']
    },
    processes: {
      merge: held(file('merge'), file('merge.hold'), { coalesce: { by: 'subject' } }),
      quiet: held(file('quiet'), file('quiet.hold'), { coalesce: { by: '/data/genome', quiet: '400ms', max_delay: '3s' } }),
      throttled: held(file('throttled'), file('throttled.hold'), { coalesce: { throttle: '800ms' } }),
      leading: held(file('leading'), file('leading.hold'), { coalesce: { quiet: '60s', edge: 'leading' } }),
      protein_features: step({ params: { default: { hold: file('features.hold'), emit: [{ type: 'features_done' }], trace: file('features') } }, emits: ['features_done'] }, 'hold'),
      dump: held(file('dump'), file('dump.hold'), { defer: { until: 'upstream_complete', by: 'subject' } }),
      joined: held(file('joined'), file('joined.hold'), { wait_for: { all: ['left', 'right'], by: 'subject' } }),
      late: held(file('late'), file('late.hold'), { wait_for: { all: ['left', 'right'], by: 'subject', within: '300ms', on_timeout: 'fail' } }),
      one_each: held(file('one_each'), file('one_each.hold'), { limit: { per_key: 1 }, concurrency: 20 }),
      two_in_all: held(file('two_in_all'), file('two_in_all.hold'), { limit: { concurrency: 2 }, concurrency: 20 }),
      newest: held(file('newest'), file('newest.hold'), { limit: { per_key: 1, on_collision: 'cancel_running' } }),
      first_only: held(file('first_only'), file('first_only.hold'), { limit: { per_key: 1, on_collision: 'cancel_new' } }),
      stale: held(file('stale'), file('stale.hold'), { limit: { per_key: 1 }, expires: '500ms' }),
      alone: held(file('alone'), file('alone.hold'), { queue: 'shared' }),
      other: held(file('other'), file('other.hold'), { queue: 'shared' })
    }
  }
  const { call } = await openService(t, { backend, lookups })
  const hold = (name: string) => {
    writeFileSync(file(`${name}.hold`), '')
    return () => { writeFileSync(file(`${name}.hold`), 'go') }
  }
  const submit = async (type: string, subject: string, data: Record<string, unknown> = {}): Promise<string> => {
    const answer = await call('POST', '/jobs', { type, subject, data })
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body))
    return String(answer.headers['location']).replace('/events/', '')
  }
  const job = async (processName: string, event: string) => (await call('GET', `/jobs/${processName}/${event}.${processName}`)).body
  const reaches = async (processName: string, event: string, ...statuses: string[]) => {
    await until(async () => statuses.includes((await job(processName, event)).status), `${statuses.join(' or ')} of ${processName}`)
    return await job(processName, event)
  }
  const allEnded = async (events: string[]) => {
    for (const event of events) await until(async () => (await call('GET', `/events/${event}`)).body.tree_status !== 'incomplete', `the end of ${event}`)
  }

  await t.test('200 triggers at once and those before them give exactly one run after the last', async (t) => {
    const subject = 'rush'
    const before = trace('merge').length
    const go = hold('merge')
    const first = await submit('merge', subject, { n: -1 })
    await reaches('merge', first, 'running')
    const events = await Promise.all(Array.from({ length: 200 }, (_, n) => submit('merge', subject, { n })))
    const absorbed = async () => (await call('GET', `/jobs/merge?status=absorbed&subject=${encodeURIComponent(subject)}&limit=200`)).body.items.length
    await until(async () => await absorbed() === 199, 'the absorption of all but one')
    t.equal(trace('merge').length - before, 0, 'nothing ran meanwhile')
    go()
    await until(async () => (await call('GET', `/events?subject=${encodeURIComponent(subject)}&limit=200`)).body.items.every(({ status }: { status: string }) => status !== 'incomplete'), 'the end of all')
    await allEnded([first])
    const runs = trace('merge').slice(before)
    t.equal(runs.length, 2, 'the one that ran, and one for all that came')
    t.equal(runs[1]?.absorbed.length, 199)
    const statuses = await Promise.all(events.map((event) => job('merge', event)))
    const [winner] = statuses.filter(({ status }) => status === 'complete')
    t.equal(winner.absorbed.length, 199)
    t.same(new Set(statuses.filter(({ status }) => status === 'absorbed').map(({ absorbed_by: by }) => by)), new Set([winner.id]), 'each says who does its work')
    const last = Math.max(...(await Promise.all(events.map(async (event) => Date.parse((await call('GET', `/events/${event}`)).body.received)))))
    const n = runs[1]?.n ?? -1
    t.ok(Date.parse((await call('GET', `/events/${events[n]}`)).body.received) >= last - 50, 'with the latest event')
  })

  await t.test('keys do not wait for each other, and an event without one waits for nobody', async (t) => {
    const go = hold('merge')
    const events = [await submit('merge', 'one'), await submit('merge', 'two')]
    for (let i = 0; i < 2; i++) events.push(String((await call('POST', '/jobs', { type: 'merge' })).headers['location']).replace('/events/', ''))
    for (const event of events) await reaches('merge', event, 'running')
    go()
    await allEnded(events)
    t.pass('all four ran at once')
  })

  await t.test('a waiting job says for what, and is cancelled and retried', async (t) => {
    const go = hold('merge')
    t.teardown(go)
    const first = await submit('merge', 'told')
    await reaches('merge', first, 'running')
    const second = await submit('merge', 'told')
    await until(async () => /to end/.test((await job('merge', second)).waiting_for), 'the reason')
    t.match(await job('merge', second), { status: 'deferred', waiting_for: `job ${first}.merge of the same key to end`, attempts: { made: 0 } })
    t.match((await call('GET', `/events/${second}`)).body, { jobs: [{ status: 'deferred', waiting_for: /to end/ }] })
    t.ok((await call('GET', '/jobs/merge?status=deferred')).body.items.some(({ id }: { id: string }) => id === `${second}.merge`), 'it is listed')
    t.match((await call('DELETE', `/jobs/merge/${second}.merge`)).body, { status: 'cancelled' })
    t.match(await job('merge', second), { status: 'cancelled' })
    const third = await submit('merge', 'told')
    await reaches('merge', third, 'deferred')
    go()
    await allEnded([first, second, third])
    t.match(await job('merge', third), { status: 'complete', absorbed: [] })
    t.equal((await call('POST', `/jobs/merge/${second}.merge/retry`)).status, 202)
    t.match(await reaches('merge', second, 'complete'), { status: 'complete' })
    await allEnded([second])
    t.match((await call('GET', `/events/${second}`)).body, { status: 'complete' })
  })

  await t.test('a failed run is retried at its gate', async (t) => {
    const before = trace('merge').length
    const event = await submit('merge', 'fails', { failUntil: before + 1, count: file('merge') })
    t.match(await reaches('merge', event, 'failed', 'complete'), { status: 'failed' })
    const go = hold('merge')
    const other = await submit('merge', 'fails')
    await reaches('merge', other, 'running')
    t.equal((await call('POST', `/jobs/merge/${event}.merge/retry`)).status, 202)
    t.equal((await job('merge', other)).status, 'running')
    t.not((await job('merge', event)).status, 'running', 'not beside another of its key')
    go()
    t.match(await reaches('merge', event, 'complete'), { status: 'complete' })
    await allEnded([event, other])
    t.match((await call('GET', `/events/${event}`)).body, { status: 'complete' })
  })

  await t.test('quiet: one run when no trigger has come for a while; the key is anywhere in the event', async (t) => {
    const events: string[] = []
    for (let n = 0; n < 5; n++) events.push(await submit('quiet', `subject ${n}`, { n, genome: 'human' }))
    t.match(await job('quiet', events[0] as string), { status: 'deferred' })
    await allEnded(events)
    t.match(trace('quiet'), [{ n: 4, absorbed: { length: 4 } }])
  })

  await t.test('throttle: the next run starts no sooner than so long after the last', async (t) => {
    const first = await submit('throttled', 's')
    await reaches('throttled', first, 'complete')
    const events = [await submit('throttled', 's'), await submit('throttled', 's')]
    await until(async () => /throttle/.test((await job('throttled', events[0] as string)).waiting_for ?? ''), 'the reason')
    await allEnded(events)
    const [one, two] = [await job('throttled', first), await job('throttled', events[0] as string)]
    t.equal(trace('throttled').length, 2)
    t.ok(Date.parse(two.timestamps.started) - Date.parse(one.timestamps.submitted) >= 750)
  })

  await t.test('leading: the first runs at once, those in the quiet time after it run nothing', async (t) => {
    const first = await submit('leading', 's')
    await reaches('leading', first, 'complete')
    const second = await submit('leading', 's')
    t.match(await reaches('leading', second, 'absorbed'), { absorbed_by: `${first}.leading` })
    await allEnded([first, second])
    t.equal(trace('leading').length, 1)
  })

  await t.test('the story: genes start the protein features and ask for the dump; cross-references come meanwhile; the dump runs once, after both', async (t) => {
    const go = hold('features')
    const genes = await submit('new_genebuild', 'homo_sapiens')
    await until(async () => /protein_features/.test((await job('dump', genes)).waiting_for ?? ''), 'what the dump waits for')
    t.match(await job('dump', genes), { status: 'deferred', waiting_for: new RegExp(`job ${genes}.protein_features of protein_features`) })
    const xrefs = await submit('new_xrefs', 'homo_sapiens')
    t.match(await reaches('dump', xrefs, 'absorbed'), { absorbed_by: `${genes}.dump` })
    const elsewhere = await submit('new_xrefs', 'mus_musculus')
    await reaches('dump', elsewhere, 'complete')
    t.equal(trace('dump').filter(({ key }) => key === 'homo_sapiens').length, 0)
    go()
    await allEnded([genes, xrefs])
    const runs = trace('dump').filter(({ key }) => key === 'homo_sapiens')
    t.equal(runs.length, 1)
    t.equal(runs[0]?.absorbed.length, 2, 'the cross-references, and the follow-on event of the protein features')
    t.ok(trace('features').length === 1)
  })

  await t.test('a deferred process runs once although its upstream fails and emits nothing', async (t) => {
    const go = hold('features')
    const genes = (await call('POST', '/jobs', { type: 'new_genebuild', subject: 'danio', data: { fail: 'no features' } }))
    const key = String(genes.headers['location']).replace('/events/', '')
    await reaches('dump', key, 'deferred')
    go()
    await until(async () => trace('dump').filter((run) => run.key === 'danio').length > 0, 'the dump')
    await allEnded([key])
    t.equal(trace('dump').filter((run) => run.key === 'danio').length, 1)
  })

  await t.test('a join runs once when events of all types have come, with the last of each', async (t) => {
    const left = [await submit('left', 'j', { n: 1 }), await submit('left', 'j', { n: 2 })]
    await until(async () => /an event of right/.test((await job('joined', left[0] as string)).waiting_for ?? ''), 'what it waits for')
    const right = await submit('right', 'j', { n: 3 })
    await until(() => trace('joined').length === 1, 'the run')
    t.match(trace('joined')[0], { joined: { left: { data: { n: 2 } }, right: { data: { n: 3 } } } })
    await allEnded([...left, right])
    t.match((await job('late', left[0] as string)).status, /complete|failed/)
  })

  await t.test('a join that is not complete in time fails, and says what did not come', async (t) => {
    const left = await submit('left', 'late')
    t.match(await reaches('late', left, 'failed'), { reason: /waited .* for an event of right/ })
  })

  await t.test('limits: one per key, so many in all, first come first served', async (t) => {
    const go = hold('one_each')
    const events: string[] = []
    for (let i = 0; i < 3; i++) events.push(await submit('one_each', 'a'))
    const other = await submit('one_each', 'b')
    for (const event of [events[0] as string, other]) await reaches('one_each', event, 'running')
    await until(async () => /room: 1 of its key run/.test((await job('one_each', events[2] as string)).waiting_for ?? ''), 'the reason')
    go()
    await allEnded([...events, other])
    t.same(trace('one_each').filter(({ key }) => key === 'a').map((run) => run.job), events.map((event) => `${event}.one_each`))
    const goAll = hold('two_in_all')
    const many: string[] = []
    for (let i = 0; i < 5; i++) many.push(await submit('two_in_all', `s${i}`))
    const running = async () => (await Promise.all(many.map((event) => job('two_in_all', event)))).filter(({ status }) => status === 'running').length
    await until(async () => await running() === 2, 'two running')
    await until(async () => /room: 2 jobs of two_in_all run/.test((await job('two_in_all', many[4] as string)).waiting_for ?? ''), 'the reason')
    t.equal(await running(), 2)
    goAll()
    await allEnded(many)
    t.same(trace('two_in_all').length, 5)
  })

  await t.test('collision: the newest has the running one cancelled, or is cancelled itself', async (t) => {
    hold('newest')
    const old = await submit('newest', 's')
    await reaches('newest', old, 'running')
    const young = await submit('newest', 's')
    t.match(await reaches('newest', old, 'cancelled'), { reason: 'cancelled' })
    await reaches('newest', young, 'running')
    writeFileSync(file('newest.hold'), 'go')
    await allEnded([old, young])
    const go = hold('first_only')
    const first = await submit('first_only', 's')
    await reaches('first_only', first, 'running')
    const second = await submit('first_only', 's')
    t.match(await reaches('first_only', second, 'cancelled'), { reason: `cancelled: job ${first}.first_only runs already` })
    go()
    await allEnded([first, second])
    t.match((await call('GET', `/events/${second}`)).body, { status: 'cancelled' })
  })

  await t.test('what waits longer than it may is cancelled', async (t) => {
    const go = hold('stale')
    const first = await submit('stale', 's')
    await reaches('stale', first, 'running')
    const second = await submit('stale', 's')
    t.match(await reaches('stale', second, 'cancelled'), { reason: /cancelled: it waited longer than 500 ms/ })
    go()
    await allEnded([first, second])
  })

  await t.test('one of two processes that share a queue is paused', async (t) => {
    t.match((await call('POST', '/processes/alone/pause')).body, { process: 'alone', paused: true })
    // Workers hear of it by a message: what they take in that moment still runs.
    let waits = ''
    await until(async () => {
      waits = await submit('alone', 's')
      await reaches('other', await submit('other', 's'), 'complete')
      return (await job('alone', waits)).status === 'submitted'
    }, 'a job of the paused process that stays')
    t.match(await job('alone', waits), { status: 'submitted', waiting_for: 'process alone is paused' })
    t.ok((await call('GET', '/processes')).body.items.find((one: { process: string }) => one.process === 'alone').paused)
    t.match((await call('POST', '/processes/alone/resume')).body, { paused: false })
    await reaches('alone', waits, 'complete')
    t.equal((await call('POST', '/processes/nothing/pause')).status, 404)
  })
}
