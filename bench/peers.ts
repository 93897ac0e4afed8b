import type { Datastore } from './datastore.ts'
import { postCrowd, postSteady } from './load.ts'
import { measure, perEvent, readUsage, usedSince, type Cpu, type Measure } from './measure.ts'
import type { Size } from './options.ts'
import { toPeerTables } from './peer-tables.ts'
import { untilCount } from './pace.ts'
import { withEach, withOptions } from './program.ts'
import { subjectsFor, type Subject } from './subjects.ts'
import { latencyOf, round, type Latency } from './summary.ts'

/** The service beside bare BullMQ, graphile-worker (where it is installed) and an older version, in turn in one run. */

/** Of one event: commands of the datastore and bytes that it holds afterwards. */
export type Counts = { commands?: number, bytes?: number }
export type PeerRound = {
  subject: string
  /** Over HTTP: front alone, then front and workers. */
  accept: Measure & Counts
  done: Measure & Counts
  followOn: Latency
  /** Without HTTP: 200 callers, then what they have added is worked. */
  added: Measure
  drained: { perSecond: number, cpu: Cpu }
}

async function runPeer (subject: Subject, datastore: Datastore, size: Size): Promise<PeerRound> {
  const { name } = datastore
  const pids = (pid: number | undefined) => ({ process: pid, datastore: datastore.pid })
  await datastore.empty()
  const accept = await subject.serve(datastore.url(), 'api', async ({ pid, address }) => {
    await postCrowd(address, size.warmUp.accept[name])
    const events = size.accept[name]
    return await counted(datastore, events, () => measure(events, pids(pid), () => postCrowd(address, events)))
  })
  await datastore.empty()
  const worked = await subject.serve(datastore.url(), 'start', async ({ pid, address, ended, followOn }) => {
    const run = async (events: number): Promise<{ ms: number, took: number[] }> => {
      const target = await ended() + events
      const start = performance.now()
      const { took } = await postCrowd(address, events)
      await untilCount(ended, target)
      return { ms: performance.now() - start, took }
    }
    await run(size.warmUp.endToEnd[name])
    const events = size.endToEnd[name]
    const done = await counted(datastore, events, () => measure(events, pids(pid), () => run(events)))
    const target = await ended() + size.steady.count
    const sent = await postSteady(address, size.steady)
    await untilCount(ended, target)
    return { done, followOn: latencyOf(await followOn(sent)) }
  })
  await datastore.empty()
  const events = size.accept[name]
  const added = await subject.fill(datastore.url(), async ({ pid, fill }) => {
    await fill(size.warmUp.accept[name])
    return await measure(events, pids(pid), async () => {
      const start = performance.now()
      await fill(events)
      return { ms: performance.now() - start, took: [] }
    })
  })
  const drained = await drain(subject, datastore, size.warmUp.accept[name] + events)
  return { subject: subject.name, accept, ...worked, added, drained }
}

/** Works what waits; measured without the first and the last fifth of it, so that starting and warming up are left out. */
async function drain (subject: Subject, datastore: Datastore, waiting: number): Promise<{ perSecond: number, cpu: Cpu }> {
  return await subject.serve(datastore.url(), 'start', async ({ pid, ended }) => {
    const sample = async () => ({ at: performance.now(), ended: await ended(), usage: readUsage({ process: pid, datastore: datastore.pid }) })
    await untilCount(ended, waiting / 5)
    const before = await sample()
    await untilCount(ended, waiting * 0.8)
    const after = await sample()
    const events = after.ended - before.ended
    return { perSecond: round(events / (after.at - before.at) * 1000, 1), cpu: perEvent(usedSince(before.usage, after.usage), events) }
  })
}

async function counted (datastore: Datastore, events: number, work: () => Promise<Measure>): Promise<Measure & Counts> {
  const before = await datastore.counts()
  const measured = await work()
  const after = await datastore.counts()
  const each = (of: keyof Counts): Counts => {
    const [from, to] = [before[of], after[of]]
    return from === undefined || to === undefined ? {} : { [of]: round((to - from) / events, 1) }
  }
  return { ...measured, ...each('commands'), ...each('bytes') }
}

await withOptions(async ({ backends, before, size }) => {
  await withEach(backends, async (datastore) => {
    const rounds: PeerRound[] = []
    const { name } = datastore
    const subjects = await subjectsFor(name, before)
    for (let i = 0; i < size.rounds; i++) {
      // Who goes first changes.
      for (const subject of i % 2 === 0 ? subjects : [...subjects].reverse()) {
        const one = await runPeer(subject, datastore, size)
        process.stdout.write(`${name}: round ${i + 1}, ${subject.name}: accepted ${one.accept.perSecond}/s, done ${one.done.perSecond}/s, others ${one.accept.others ?? '-'} and ${one.done.others ?? '-'} cores\n`)
        rounds.push(one)
      }
    }
    process.stdout.write(`\n${name}, ${size.rounds} round(s)\n${toPeerTables(rounds)}\n\n`)
  })
})
