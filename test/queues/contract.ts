import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { FinalFailure, EVENTS_QUEUE, type Queues, type Tree, type WorkerHandle, type WorkerJob } from '../../src/queues/contract.ts'
import { openQueues } from '../../src/queues/open.ts'
import { BACKENDS, missing, openBackend, until } from '../fixtures/servers.ts'

const WORKER = { concurrency: 5, lockMs: 6000, stalledMs: 1000, onError: () => {} }

t.jobs = 1

for (const name of BACKENDS) {
  t.test(`the queue contract on ${name}`, { skip: missing(name), timeout: 120_000 }, async (t) => {
    const backend = await openBackend(name)
    const queues = await openQueues({ backend: backend.url, prefix: '{test}', connections: 10, retentionMs: 3_600_000, timeoutMs: 5000, onError: () => {} })
    await queues.migrate()
    t.teardown(async () => {
      await queues.close()
      await backend.close()
    })
    await contract(t, queues)
  })
}

/** Every promise of src/queues/contract.ts, on ids and queues of each test's own. */
async function contract (t: Test, queues: Queues): Promise<void> {
  const poller = queues.worker(EVENTS_QUEUE, async (job) => {
    const { completed, failed } = await queues.children(EVENTS_QUEUE, job.id)
    return { completed: Object.fromEntries(completed), failed: Object.fromEntries(failed) }
  }, WORKER)
  t.teardown(() => poller.close())

  await t.test('a tree runs its children, then its root sees every value and every reason', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['good', 'bad'])
    t.same(await queues.addTrees([tree]), ['added'])
    const worker = workOn(t, queue, async (job) => {
      if (job.name === 'bad') throw new FinalFailure('because')
      return { fine: true }
    })
    const root = await ended(queues, EVENTS_QUEUE, tree.root.id)
    t.same(root.returnValue, { completed: { [`${tree.root.id}.good`]: { fine: true } }, failed: { [`${tree.root.id}.bad`]: 'because' } })
    t.equal((await queues.get(queue, `${tree.root.id}.bad`))?.failedReason, 'because')
    await worker.close()
  })

  await t.test('a tree without children is closed at once', async (t) => {
    const tree = newTree(unique(), [])
    await queues.addTrees([tree])
    t.equal((await ended(queues, EVENTS_QUEUE, tree.root.id)).state, 'completed')
  })

  await t.test('a tree that may exist is added once, however many add it at the same time', async (t) => {
    const queue = unique()
    const tree = { ...newTree(queue, ['once']), mayExist: true }
    const answers = (await Promise.all(Array.from({ length: 20 }, () => queues.addTrees([tree])))).flat()
    t.ok(answers.includes('added'))
    let runs = 0
    const worker = workOn(t, queue, async () => { runs++ })
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    t.same(await queues.addTrees([tree]), ['known'], 'also after its end')
    t.equal(runs, 1)
    await worker.close()
  })

  await t.test('a known tree whose child has failed while a sibling runs is not broken by a repeat', async (t) => {
    const queue = unique()
    const tree = { ...newTree(queue, ['bad', 'slow']), mayExist: true }
    await queues.addTrees([tree])
    const go = latch()
    const worker = workOn(t, queue, async (job) => {
      if (job.name === 'bad') throw new FinalFailure('no')
      await go.wait
    })
    await until(async () => (await queues.get(queue, `${tree.root.id}.bad`))?.state === 'failed')
    t.same(await queues.addTrees([tree]), ['known'])
    go.open()
    t.equal((await ended(queues, EVENTS_QUEUE, tree.root.id)).state, 'completed')
    await worker.close()
  })

  await t.test('one batch answers for each of its trees', async (t) => {
    const queue = unique()
    const known = { ...newTree(queue, ['a']), mayExist: true }
    await queues.addTrees([known])
    const fresh = Array.from({ length: 30 }, () => ({ ...newTree(queue, ['a', 'b']), mayExist: true }))
    t.same(await queues.addTrees([fresh[0] as Tree, known, ...fresh.slice(1)]), ['added', 'known', ...fresh.slice(1).map(() => 'added')])
    t.equal((await queues.counts(queue)).waiting, 61)
  })

  await t.test('a failed attempt is tried again after its backoff, a final failure is not', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['flaky'], { attempts: 3, backoff: { type: 'fixed', delay: 20 } })
    await queues.addTrees([tree])
    const attempts: number[] = []
    const worker = workOn(t, queue, async (job) => {
      attempts.push(job.attempt)
      if (job.attempt < 3) throw new Error('not yet')
    })
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    t.same(attempts, [1, 2, 3])
    await worker.close()
  })

  await t.test('the pauses between attempts can be listed, and the last one stays', async (t) => {
    const queue = unique()
    const id = unique()
    await queues.addJob({ queue, id, name: 'listed', data: {}, options: { attempts: 4, backoff: { type: 'list', delays: [1, 300] } } })
    const begun: number[] = []
    const worker = workOn(t, queue, async () => {
      begun.push(Date.now())
      throw new Error('not yet')
    })
    t.match(await ended(queues, queue, id), { state: 'failed', attemptsMade: 4 })
    const [first = 0, second = 0, third = 0, fourth = 0] = begun
    t.ok(second - first < 300 && third - second >= 290 && fourth - third >= 290, `pauses of ${second - first}, ${third - second} and ${fourth - third} ms`)
    await worker.close()
  })

  await t.test('a job that stands alone is added once under its id, also after its end, and knows who ran it', async (t) => {
    const queue = unique()
    const [good, bad] = [unique(), unique()]
    let runs = 0
    const worker = queues.worker(queue, async (job) => {
      runs++
      if (job.name === 'bad') throw new FinalFailure('no')
    }, { ...WORKER, name: 'host@1.0' })
    t.teardown(() => worker.close())
    const add = async (): Promise<void> => {
      await Promise.all([1, 2].flatMap(() => [queues.addJob({ queue, id: good, name: 'good', data: {} }), queues.addJob({ queue, id: bad, name: 'bad', data: {} })]))
    }
    await add()
    t.match(await ended(queues, queue, good), { state: 'completed', worker: 'host@1.0' })
    t.match(await ended(queues, queue, bad), { state: 'failed', worker: 'host@1.0' })
    await add()
    t.match(await queues.counts(queue), { waiting: 0, active: 0, completed: 1, failed: 1 })
    t.equal(runs, 2)
    await worker.close()
  })

  await t.test('a postponed job comes again without an attempt counted', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['later'])
    await queues.addTrees([tree])
    let runs = 0
    const worker = workOn(t, queue, async (job) => {
      if (++runs === 1) throw await job.postpone(30)
      return job.attempt
    })
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    t.equal((await queues.get(queue, `${tree.root.id}.later`))?.returnValue, 1)
    await worker.close()
  })

  await t.test('progress and log of a running job are seen from outside', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['talks'])
    await queues.addTrees([tree])
    const go = latch()
    const worker = workOn(t, queue, async (job) => {
      await job.updateProgress({ complete: 1, total: 2 })
      for (const line of ['one', 'two', 'three']) await job.addLog(line)
      await go.wait
    })
    const id = `${tree.root.id}.talks`
    await until(async () => (await queues.logs(queue, id, 0, 10)).total === 3)
    const job = await queues.get(queue, id)
    t.equal(job?.state, 'active')
    t.same(job?.progress, { complete: 1, total: 2 })
    t.same(await queues.logs(queue, id, 1, 1), { lines: ['two'], total: 3 })
    go.open()
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    await worker.close()
  })

  await t.test('a waiting job that is removed lets its root close and leaves neither value nor reason', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['gone'])
    await queues.addTrees([tree])
    t.equal(await queues.removeWaiting(queue, `${tree.root.id}.gone`), 'removed')
    t.equal(await queues.removeWaiting(queue, `${tree.root.id}.gone`), 'absent')
    t.same((await ended(queues, EVENTS_QUEUE, tree.root.id)).returnValue, { completed: {}, failed: {} })
  })

  await t.test('a job that runs or has ended is not taken out as one that waits', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['long'])
    await queues.addTrees([tree])
    const begun = latch()
    const go = latch()
    const worker = workOn(t, queue, async () => {
      begun.open()
      await go.wait
    })
    await begun.wait
    const id = `${tree.root.id}.long`
    t.equal(await queues.removeWaiting(queue, id), 'active')
    t.same(await queues.busyQueues().then((names) => names.filter((name) => name === queue)), [queue])
    go.open()
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    t.equal(await queues.removeWaiting(queue, id), 'ended')
    t.same(await queues.busyQueues().then((names) => names.filter((name) => name === queue)), [], 'a queue without open jobs is not busy')
    await queues.remove(queue, id)
    t.equal(await queues.get(queue, id), undefined)
    await worker.close()
  })

  await t.test('a tree whose root is gone is added again whole, whatever is left of its jobs', async (t) => {
    const queue = unique()
    const tree = { ...newTree(queue, ['first', 'second']), mayExist: true }
    await queues.addTrees([tree])
    let runs = 0
    const worker = workOn(t, queue, async () => ++runs)
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    await until(async () => {
      await queues.prune(EVENTS_QUEUE, 0, 'ended')
      return await queues.get(EVENTS_QUEUE, tree.root.id) === undefined
    })
    t.equal((await queues.get(queue, `${tree.root.id}.first`))?.state, 'completed', 'jobs are kept longer than their event')
    t.same(await queues.addTrees([tree]), ['added'])
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    t.equal(runs, 4)
    await worker.close()
  })

  await t.test('of many who write a note after reading it, one wins; the others read anew', async (t) => {
    const name = unique()
    t.same(await queues.readNotes([name]), [undefined])
    t.same((await Promise.all([1, 2, 3].map((n) => queues.writeNote(name, undefined, { n }, 60_000)))).filter(Boolean).length, 1)
    const count = async (): Promise<void> => {
      for (;;) {
        const [note] = await queues.readNotes<{ n: number }>([name])
        if (await queues.writeNote(name, note, { n: (note?.value.n ?? 0) + 1 }, 60_000)) return
      }
    }
    const [before] = await queues.readNotes<{ n: number }>([name])
    await Promise.all(Array.from({ length: 10 }, count))
    const [after] = await queues.readNotes<{ n: number }>([name])
    t.equal(after?.value.n, (before?.value.n ?? 0) + 10, 'no write was lost')
    t.equal(await queues.writeNote(name, before, { n: 0 }, 60_000), false)
    t.equal(await queues.writeNote(name, before, undefined, 60_000), false)
    t.equal(await queues.writeNote(name, after, undefined, 60_000), true)
    t.same(await queues.readNotes([name]), [undefined])
    t.equal(await queues.writeNote(name, undefined, { n: 1 }, 50), true)
    await until(async () => (await queues.readNotes([name]))[0] === undefined, 'its end')
    t.equal(await queues.writeNote(name, undefined, { n: 2 }, 60_000), true, 'one that was forgotten is as good as none')
  })

  await t.test('marks are kept once, oldest first, and stand before their tree', async (t) => {
    const set = unique()
    const now = Date.now()
    await queues.mark([{ set, id: 'b', at: now - 2 }, { set, id: 'a', at: now - 3 }, { set, id: 'c', at: now - 1 }])
    await queues.mark([{ set, id: 'a', at: now }])
    t.same(await queues.marked(set, 2), [{ id: 'a', at: now - 3 }, { id: 'b', at: now - 2 }])
    await queues.unmark(set, ['a', 'c', 'none'])
    t.same((await queues.marked(set, 10)).map((one) => one.id), ['b'])
    const tree = { ...newTree(unique(), []), marks: [set] }
    await queues.addTrees([tree])
    t.same((await queues.marked(set, 10)).map((one) => one.id), ['b', tree.root.id])
  })

  await t.test('a postponed job is promoted', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['later'])
    await queues.addTrees([tree])
    let runs = 0
    const worker = workOn(t, queue, async (job) => {
      if (++runs === 1) throw await job.postpone(600_000)
    })
    const id = `${tree.root.id}.later`
    await until(async () => (await queues.get(queue, id))?.state === 'delayed')
    await queues.promote(queue, id)
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    await queues.promote(queue, id)
    await queues.promote(queue, 'none')
    t.equal(runs, 2)
    await worker.close()
  })

  await t.test('a failed job runs again under its id, and its value takes the place of the reason', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['again'])
    await queues.addTrees([tree])
    let runs = 0
    const worker = workOn(t, queue, async () => {
      if (++runs === 1) throw new FinalFailure('first')
      return 'second'
    })
    const id = `${tree.root.id}.again`
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    await queues.updateData(queue, id, { changed: true })
    await queues.rerun(queue, id)
    await until(async () => (await queues.get(queue, id))?.state === 'completed')
    const job = await queues.get(queue, id)
    t.equal(job?.returnValue, 'second')
    t.same(job?.data, { changed: true })
    const { completed, failed } = await queues.children(EVENTS_QUEUE, tree.root.id)
    t.same([...completed], [[id, 'second']])
    t.equal(failed.size, 0)
    await worker.close()
  })

  await t.test('a child is added again under its root, also after the end of the root', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['back'])
    await queues.addTrees([tree])
    const id = `${tree.root.id}.back`
    await queues.removeWaiting(queue, id)
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    await queues.addChild({ queue: EVENTS_QUEUE, id: tree.root.id }, { queue, id, name: 'back', data: { n: 1 } })
    const worker = workOn(t, queue, async () => 'ran')
    await until(async () => (await queues.get(queue, id))?.state === 'completed')
    t.equal((await queues.get(queue, id))?.returnValue, 'ran')
    await worker.close()
  })

  await t.test('lists show events newest first, page by page, by type, subject and root', async (t) => {
    const queue = unique()
    const type = unique()
    const subject = `subject "${unique()}"`
    const root = newTree(queue, [], {}, { type, subject })
    const begun = Date.now()
    await queues.addTrees([root])
    const below: Tree[] = []
    for (let i = 0; i < 7; i++) {
      const tree = newTree(queue, ['listed'], {}, { type: i % 2 === 0 ? type : 'other', subject, root: root.root.id })
      below.push(tree)
      await queues.addTrees([tree])
    }
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await queues.list({ kind: 'events', subject }, { limit: 3, cursor })
      t.ok(page.items.length <= 3)
      ids.push(...page.items.map((item) => item.id))
      cursor = page.next
    } while (cursor !== undefined)
    t.same(ids, [...below.map((tree) => tree.root.id).reverse(), root.root.id])
    t.equal((await queues.list({ kind: 'events', type, subject }, { limit: 10 })).items.length, 5)
    t.equal((await queues.list({ kind: 'events', root: root.root.id }, { limit: 100 })).items.length, 7)
    t.equal(await queues.countUnder(root.root.id), 7)
    t.equal((await queues.list({ kind: 'jobs', queue, name: 'listed' }, { limit: 100 })).items.length, 7)
    t.equal((await queues.list({ kind: 'jobs', queue, name: 'listed', states: ['failed'] }, { limit: 100 })).items.length, 0)
    t.equal((await queues.list({ kind: 'events', subject }, { limit: 10, since: Date.now() + 1000 })).items.length, 0)
    t.equal((await queues.list({ kind: 'events', subject }, { limit: 10, until: Date.now() + 1000 })).items.length, 8)
    t.equal((await queues.list({ kind: 'events', subject }, { limit: 10, until: begun })).items.length, 0, 'until is not in it')
    await t.rejects(queues.list({ kind: 'events' }, { limit: 1, cursor: 'nonsense' }), { code: 'INVALID_QUERY' })
    const oldest: string[] = []
    do {
      const page = await queues.list({ kind: 'events', subject }, { limit: 3, order: 'asc', cursor, since: begun })
      oldest.push(...page.items.map((item) => item.id))
      cursor = page.next
    } while (cursor !== undefined)
    t.same(oldest, ids.reverse(), 'the oldest first')
    t.equal((await queues.list({ kind: 'events', subject }, { limit: 10, order: 'asc', until: begun })).items.length, 0)
  })

  await t.test('a record that is kept stays, with its place in all lists; the others go', async (t) => {
    const queue = unique()
    const subject = unique()
    const trees = Array.from({ length: 6 }, (_, i) => newTree(queue, ['work'], {}, { type: subject, subject, keep: i % 2 === 0 }))
    await queues.addTrees(trees)
    const worker = workOn(t, queue, async () => {})
    for (const { root } of trees) await ended(queues, EVENTS_QUEUE, root.id)
    const ids = trees.map(({ root }) => root.id)
    const kept = ids.filter((_, i) => i % 2 === 0)
    const listed = async (filter: { type?: string, subject?: string }, order: 'asc' | 'desc') => (await queues.list({ kind: 'events', ...filter }, { limit: 100, order })).items.map((item) => item.id)
    t.same(await listed({ subject }, 'asc'), ids, 'each once as long as all are there')
    t.same(await listed({ subject }, 'desc'), [...ids].reverse())
    for (let round = 0; round < 2; round++) {
      await until(async () => {
        await queues.prune(EVENTS_QUEUE, 0, 'ended')
        return (await queues.getMany(ids.map((id) => ({ queue: EVENTS_QUEUE, id })))).filter((job) => job !== undefined).length === kept.length
      })
      t.same(await listed({ subject }, 'asc'), kept)
      t.same(await listed({ type: subject, subject }, 'desc'), [...kept].reverse())
      const first = await queues.get(EVENTS_QUEUE, kept[0] as string)
      t.match(first, { state: 'completed', data: { keep: true } })
      t.ok(Math.abs((first?.finishedAt ?? 0) - Date.now()) < 120_000, 'with the time of its end')
      // One that was reopened closes again, and stays.
      await queues.rerun(EVENTS_QUEUE, kept[0] as string)
      await ended(queues, EVENTS_QUEUE, kept[0] as string)
    }
    t.same(await queues.addTrees([{ ...trees[0] as Tree, mayExist: true }]), ['known'])
    await worker.close()
  })

  await t.test('the failed jobs of all queues are one list, the last failure first, page by page', async (t) => {
    const since = Date.now()
    const [one, two] = [unique(), unique()]
    const [name, other] = [unique(), unique()]
    const outcome = async (job: WorkerJob): Promise<string> => {
      if (job.data['outcome'] === undefined) return 'fine'
      throw new FinalFailure(String(job.data['outcome']))
    }
    const workers = [workOn(t, one, outcome), workOn(t, two, outcome)]
    const failing = async (queue: string, jobName: string, reason: string | undefined): Promise<string> => {
      const tree = newTree(queue, [jobName])
      ;(tree.children[0] as { data: object }).data = { outcome: reason }
      await queues.addTrees([tree])
      await ended(queues, EVENTS_QUEUE, tree.root.id)
      return `${tree.root.id}.${jobName}`
    }
    const ids: string[] = []
    for (let i = 0; i < 7; i++) ids.unshift(await failing(i % 2 === 0 ? one : two, i === 3 ? other : name, `reason ${i}`))
    await failing(one, name, undefined)
    await failing(two, name, 'cancelled')
    await failing(two, name, 'cancelled: it waited too long')
    const read = async (filter: { name?: string }, range: { since?: number, until?: number }, limit: number): Promise<string[]> => {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await queues.failed({ queues: [], ...filter }, { limit, cursor, ...range })
        t.ok(page.items.length <= limit)
        found.push(...page.items.map((job) => job.id))
        cursor = page.next
      } while (cursor !== undefined)
      return found
    }
    t.same(await read({}, { since }, 3), ids, 'what is complete or was cancelled is not among them')
    t.same(await read({}, { since }, 7), ids)
    t.same(await read({ name }, { since }, 2), ids.filter((id) => !id.endsWith(other)))
    const third = (await queues.get(one, ids[4] as string))?.finishedAt ?? 0
    t.same(await read({}, { since: third }, 10), ids.slice(0, 5), 'since is in it')
    t.same(await read({}, { since, until: third }, 10), ids.slice(5), 'until is not')
    const [first] = (await queues.failed({ queues: [one, two], name }, { limit: 1, since })).items
    t.match(first, { queue: one, name, state: 'failed', failedReason: 'reason 6', data: { outcome: 'reason 6' } })
    await queues.updateData(one, ids[0] as string, {})
    await queues.rerun(one, ids[0] as string)
    await until(async () => (await queues.get(one, ids[0] as string))?.state === 'completed')
    t.same(await read({}, { since }, 10), ids.slice(1), 'one that runs again has not failed')
    await t.rejects(queues.failed({ queues: [] }, { limit: 1, cursor: 'nonsense' }), { code: 'INVALID_QUERY' })
    for (const worker of workers) await worker.close()
  })

  await t.test('a long list of failed jobs is read to its end, however rare the match and however many failed at once', async (t) => {
    const queue = unique()
    const trees = Array.from({ length: 12 }, (_, i) => newTree(queue, Array.from({ length: 30 }, (_, n) => i === 0 && n === 0 ? queue : `many-${n}`)))
    await queues.addTrees(trees)
    const since = Date.now()
    const worker = queues.worker(queue, async () => { throw new FinalFailure('no') }, { ...WORKER, concurrency: 50 })
    for (const tree of trees) await ended(queues, EVENTS_QUEUE, tree.root.id)
    await worker.close()
    const seen = new Set<string>()
    const matching: string[] = []
    for (const [limit, name] of [[37, undefined], [10, queue]] as const) {
      let cursor: string | undefined
      do {
        const page = await queues.failed({ queues: [queue], name }, { limit, cursor, since })
        for (const job of page.items) {
          if (name !== undefined) matching.push(job.id)
          else seen.add(job.id)
        }
        cursor = page.next
      } while (cursor !== undefined)
    }
    t.equal(seen.size, 360)
    t.same(matching, [`${trees[0]?.root.id}.${queue}`])
  })

  await t.test('a paused queue gives nothing until it is resumed', async (t) => {
    const queue = unique()
    await queues.pause(queue)
    const tree = newTree(queue, ['held'])
    await queues.addTrees([tree])
    let runs = 0
    const worker = workOn(t, queue, async () => { runs++ })
    const other = newTree(unique(), [])
    await queues.addTrees([other])
    await ended(queues, EVENTS_QUEUE, other.root.id)
    t.equal((await queues.counts(queue)).paused, true)
    t.equal(runs, 0)
    await queues.resume(queue)
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    t.equal(runs, 1)
    await worker.close()
  })

  await t.test('counts tell what waits and who works', async (t) => {
    const queue = unique()
    await queues.addTrees([newTree(queue, ['a']), newTree(queue, ['b'], { priority: 5 })])
    const before = await queues.counts(queue)
    t.match(before, { waiting: 2, active: 0, failed: 0, workers: 0, paused: false })
    const worker = workOn(t, queue, async () => {})
    await until(async () => { const now = await queues.counts(queue); return now.completed === 2 && now.workers === 1 })
    await worker.close()
  })

  await t.test('lower priorities run first, after those without', async (t) => {
    const queue = unique()
    await queues.addTrees([newTree(queue, ['nine'], { priority: 9 }), newTree(queue, ['one'], { priority: 1 }), newTree(queue, ['none'])])
    const order: string[] = []
    const worker = queues.worker(queue, async (job) => { order.push(job.name) }, { ...WORKER, concurrency: 1 })
    await until(() => order.length === 3)
    t.same(order, ['none', 'one', 'nine'])
    await worker.close()
  })

  await t.test('a message reaches those who listen', async (t) => {
    const topic = unique().replaceAll('-', '')
    const heard: unknown[] = []
    await queues.subscribe(topic, (message) => { heard.push(message) })
    await queues.publish(topic, { id: 'x.y', n: 1 })
    await until(() => heard.length === 1)
    t.same(heard, [{ id: 'x.y', n: 1 }])
  })

  await t.test('close lets running jobs finish and takes no new ones', async (t) => {
    const queue = unique()
    const go = latch()
    const begun = latch()
    let runs = 0
    const worker = queues.worker(queue, async () => {
      runs++
      begun.open()
      await go.wait
      return 'done'
    }, { ...WORKER, concurrency: 1 })
    const [first, second] = [newTree(queue, ['x']), newTree(queue, ['x'])]
    await queues.addTrees([first, second])
    await begun.wait
    const closed = worker.close()
    go.open()
    await closed
    t.equal(runs, 1)
    t.same((await queues.counts(queue)).waiting, 1)
  })

  await t.test('prune removes what has ended long ago and keeps the rest', async (t) => {
    const queue = unique()
    const tree = newTree(queue, ['old'])
    await queues.addTrees([tree])
    const worker = workOn(t, queue, async () => {})
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    const waiting = newTree(queue, ['waits'])
    await queues.pause(queue)
    await queues.addTrees([waiting])
    t.equal(await queues.prune(queue, 3_600_000, 'ended'), 0)
    await until(async () => await queues.prune(queue, 1, 'ended') > 0)
    t.equal((await queues.get(queue, `${waiting.root.id}.waits`))?.state, 'waiting', 'what waits stays, however old')
    t.equal(await queues.get(queue, `${tree.root.id}.old`), undefined)
    await worker.close()
  })

  await t.test('what JSON can say comes back as it went', async (t) => {
    const queue = unique()
    const data = { text: 'é 漢 😀 \n " \\', numbers: [0, -1.5, 1e300, 9007199254740991], nothing: null, empty: {}, deep: [[[[{}]]]], __proto_: 'x' }
    const tree = newTree(queue, ['echo'])
    ;(tree.children[0] as { data: object }).data = data
    await queues.addTrees([tree])
    const worker = workOn(t, queue, async (job) => job.data)
    await ended(queues, EVENTS_QUEUE, tree.root.id)
    t.same((await queues.get(queue, `${tree.root.id}.echo`))?.returnValue, data)
    await worker.close()
  })

  await t.test('a tick of a schedule makes one job, however many processes ask for it and work on it', async (t) => {
    const queue = unique()
    const schedule = { name: 'each', pattern: 'every 1s', timezone: 'UTC', data: { n: 1 } }
    await Promise.all([1, 2, 3].map(() => queues.schedule(queue, schedule)))
    const seen: Array<number | undefined> = []
    const run = async (job: WorkerJob): Promise<void> => {
      t.same(job.data, { n: 1 })
      seen.push(job.tick)
    }
    const workers = [1, 2, 3].map(() => workOn(t, queue, run))
    await until(async () => {
      await queues.schedule(queue, schedule)
      return seen.length >= 3
    })
    await queues.unschedule(queue, 'each')
    await Promise.all(workers.map((worker) => worker.close()))
    t.equal(new Set(seen).size, seen.length, 'no tick came twice')
    t.ok(seen.every((tick) => tick !== undefined && tick % 1000 === 0), 'the time of the tick is exact')
    t.same(await queues.schedules(queue), [])
    t.match(await queues.counts(queue), { waiting: 0, delayed: 0 }, 'nothing is left of it')
  })

  await t.test('a schedule that is there and equal is left alone; a changed one ticks anew', async (t) => {
    const queue = unique()
    const nightly = { name: 'nightly', pattern: '30 2 * * *', timezone: 'Europe/Zurich', data: { b: [1, { c: null }], a: 'é' } }
    await queues.schedule(queue, nightly)
    const [first] = await queues.schedules(queue)
    t.match(first, nightly)
    t.ok(Number(first?.next) > Date.now())
    await queues.schedule(queue, { name: 'nightly', data: { a: 'é', b: [1, { c: null }] }, timezone: 'Europe/Zurich', pattern: '30 2 * * *' })
    t.same(await queues.schedules(queue), [first])
    await queues.schedule(queue, { ...nightly, pattern: 'every 1h' })
    await queues.schedule(queue, { ...nightly, name: 'other' })
    const [hourly, other] = await queues.schedules(queue)
    t.equal(hourly?.pattern, 'every 1h', 'the next tick first')
    t.equal(Number(hourly?.next) % 3_600_000, 0)
    t.equal(other?.next, first?.next)
    t.equal((await queues.counts(queue)).delayed, 2, 'one job for each')
    await queues.unschedule(queue, 'nightly')
    await queues.unschedule(queue, 'nightly')
    t.same((await queues.schedules(queue)).map(({ name }) => name), ['other'])
  })

  await t.test('of the ticks that nobody took, one job stands for the latest', async (t) => {
    const queue = unique()
    await queues.schedule(queue, { name: 'missed', pattern: 'every 1s', timezone: 'UTC', data: {} })
    const due = Number((await queues.schedules(queue))[0]?.next)
    await until(() => Date.now() > due + 2100)
    await queues.schedule(queue, { name: 'missed', pattern: 'every 1s', timezone: 'UTC', data: {} })
    t.equal((await queues.schedules(queue))[0]?.next, due, 'asking for it again takes nothing away')
    const seen: number[] = []
    const worker = workOn(t, queue, async (job) => { seen.push(Number(job.tick)) })
    await until(() => seen.length >= 2)
    await worker.close()
    t.ok(Number(seen[0]) >= due + 2000, 'the latest of those that were missed')
    t.equal(seen[1], Number(seen[0]) + 1000, 'and none after it')
    await queues.unschedule(queue, 'missed')
  })

  await t.test('a tick that fails keeps its time and comes again', async (t) => {
    const queue = unique()
    await queues.schedule(queue, { name: 'flaky', pattern: 'every 1s', timezone: 'UTC', data: {} })
    const seen: Array<number | undefined> = []
    const worker = workOn(t, queue, async (job) => {
      seen.push(job.tick)
      if (seen.length === 1) throw new Error('away')
    })
    await until(() => seen.filter((tick) => tick === seen[0]).length === 2)
    t.ok(seen.length > 2, 'later ticks do not wait for it')
    await queues.unschedule(queue, 'flaky')
    await worker.close()
  })

  await t.test('ping says that it answers', async (t) => {
    await queues.ping(5000)
    t.match(queues.address, new RegExp(queues.backend))
  })

  function workOn (t: Test, queue: string, run: (job: WorkerJob) => Promise<unknown>): WorkerHandle {
    const worker = queues.worker(queue, run, WORKER)
    t.teardown(() => worker.close())
    return worker
  }
}

const unique = (): string => `q-${randomUUID()}`

let made = 0

function newTree (queue: string, names: string[], options = {}, more: { type?: string, subject?: string, root?: string, keep?: boolean } = {}): Tree {
  // Growing, as the ids of real events are: what is accepted within a millisecond is listed by id.
  const id = `t${String(made++).padStart(6, '0')}-${randomUUID()}`
  return {
    root: { queue: EVENTS_QUEUE, id, name: more.type ?? 'test', data: { event: { type: more.type ?? 'test', subject: more.subject }, root: more.root ?? id, ...(more.keep === true ? { keep: true } : {}), ...(more.root === undefined ? {} : { cause: { event: more.root } }) } },
    children: names.map((name) => ({ queue, id: `${id}.${name}`, name, data: { name }, options })),
    mayExist: false
  }
}

async function ended (queues: Queues, queue: string, id: string) {
  await until(async () => {
    const state = (await queues.get(queue, id))?.state
    return state === 'completed' || state === 'failed'
  }, `the end of ${id}`)
  return await queues.get(queue, id) as NonNullable<Awaited<ReturnType<Queues['get']>>>
}

function latch (): { wait: Promise<void>, open: () => void } {
  let open = (): void => {}
  const wait = new Promise<void>((resolve) => { open = resolve })
  return { wait, open }
}
