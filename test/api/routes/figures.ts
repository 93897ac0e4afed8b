import t from 'tap'
import { EventClient } from '../../../src/client/event-client.ts'
import type { FeedMessage } from '../../../src/schemas/stream.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { openService, step } from '../../fixtures/service.ts'

const lookups = {
  events: { works: ['works'], fails: ['fails'] },
  processes: { works: step(), fails: step({ params: { default: { fail: 'the city answered 500', lines: ['one', 'two', 'three'] } } }) }
}

t.test('what a page asks of a service: workers, figures, the stream of all events, logs, failures', { timeout: 120_000 }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const { call, url } = await openService(t, { backend: backend.url, lookups })
  const client = new EventClient({ url })
  t.teardown(() => client.close())

  const messages: FeedMessage[] = []
  const gone = new AbortController()
  const watching = (async () => { for await (const message of client.watchEvents({ signal: gone.signal })) messages.push(message) })().catch(() => {})
  await until(() => messages.length > 0, 'the snapshot')
  t.same(messages[0], { event: 'snapshot', data: { items: [] } })

  const [[, worked = ''] = []] = (await client.submit({ type: 'works', subject: 'a' })).jobs
  const failing = await client.submit({ type: 'fails', subject: 'b' })
  const [[, job = ''] = []] = failing.jobs
  t.equal((await client.waitForJob('works', worked)).status, 'complete')
  t.equal((await client.waitForJob('fails', job)).status, 'failed')

  await t.test('the stream tells each event until it has ended', async () => {
    const last = (id: string) => messages.flatMap((one) => one.event === 'event' && one.data.id === id ? [one.data] : []).at(-1)
    await until(() => last(failing.event)?.tree_status === 'failed', 'the failure in the stream')
    t.match(last(failing.event), { type: 'fails', subject: 'b', failed_jobs: 1, open_jobs: 0 })
    gone.abort()
    await watching
  })

  await t.test('the worker and the counts of the hour', async (t) => {
    await until(async () => (await client.workers()).items.length === 1, 'the worker')
    t.match((await client.workers()).items, [{ processes: ['works', 'fails'], running_count: 0, lost: false }])
    await until(async () => (await client.stats()).processes.some(({ jobs }) => jobs.failed === 1), 'the counts')
    const { types, processes } = await client.stats()
    t.same(types, [{ type: 'fails', events: 1 }, { type: 'works', events: 1 }])
    t.match(processes, [{ process: 'works', jobs: { complete: 1 }, open: 0, oldest: null }, { process: 'fails', jobs: { failed: 1 }, failed: 1 }])
    t.match(await call('GET', '/stats?step=week'), { status: 400 })
  })

  await t.test('a log is read from its end, and followed to its end', async (t) => {
    t.match(await client.getJobLog('fails', job, { tail: 1 }), { lines: { 0: /the city answered 500/, length: 1 }, start: 3, total: 4, ended: true })
    const lines: string[] = []
    for await (const line of client.followJobLog('fails', job)) lines.push(line.slice(25))
    t.same(lines.slice(0, 3), ['one', 'two', 'three'])
    t.equal(lines.length, 4, 'its error is the last line')
    t.match(await client.getJobLog('works', worked, { wait: 20 }), { lines: [], total: 0, ended: true }, 'nobody waits for one that has ended')
  })

  await t.test('failures by cause; one is dismissed with a note and run again with its tree', async (t) => {
    t.match((await client.groupFailedJobs()).items, [{ process: 'fails', count: 1, reason: 'the city answered 500', jobs: [['fails', job]] }])
    t.match(await call('GET', '/jobs/failures?reason_contains=other'), { status: 200, body: { items: [], total: 0 } })
    t.match(await client.dismissJob('fails', job, 'seen'), { dismissed: { by: 'anybody', note: 'seen' } })
    t.same((await client.listFailedJobs()).items, [])
    t.match(await call('POST', '/jobs/dismiss', {}), { status: 400, body: { code: 'NO_CONDITION' } })
    t.match(await call('POST', `/jobs/works/${worked}/dismiss`), { status: 409, body: { code: 'JOB_NOT_FAILED' } })
    t.match(await call('POST', '/jobs/retry', { jobs: [['fails', job]], all: true }), { status: 400 })
    t.same((await client.retryEvent(failing.event, { dryRun: true })).retried, [], 'dismissed ones are left alone')
    t.same((await client.retryJobs({ jobs: [['fails', job]] })).retried, [['fails', job]])
    t.equal((await client.waitForJob('fails', job)).status, 'failed')
    t.match((await client.getJob('fails', job)).attempts.list, [{ round: 0 }, { round: 1 }], 'attempts are kept over retries')
    t.match(await client.retryEvent(failing.event), { retried: [['fails', job]] })
    t.match(await client.cancelEvent(failing.event), { dry_run: false })
  })

  await t.test('events by what they came to, over HTTP', async (t) => {
    await until(async () => (await client.getEvent(failing.event)).tree_status !== 'incomplete', 'the end')
    t.match((await call('GET', '/events?tree_status=complete')).body.items, [{ type: 'works' }])
    t.match((await call('GET', '/events?status=complete&roots_only=true&source=/jobs')).body, { next: null })
    t.match(await call('GET', '/events?status=broken'), { status: 400 })
    t.same((await client.listJobEvents('works', worked)).items, [])
  })
})
