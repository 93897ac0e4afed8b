import { startChild } from './child.ts'
import type { Datastore } from './datastore.ts'
import type { FloorAnswer, FloorOrder, SteadyAnswer } from './floor.ts'
import { followOnLatency, postCrowd, postSteady } from './load.ts'
import { measure, type Measure } from './measure.ts'
import type { Size } from './options.ts'
import { withSignalbox } from './signalbox.ts'
import { latencyOf, type Latency } from './summary.ts'

export type Steady = { accept: Latency, followOn: Latency }

export type FloorRound = { add: Measure, batched: Measure, plain: Measure, plainBatched: Measure, naive: Measure, endToEnd: Measure, steady: Steady }
export type ServiceRound = { accept: Measure, endToEnd: Measure, steady: Steady }
export type Round = { floor: FloorRound, service: ServiceRound }

const CALLERS = 50
const BATCH = { size: 50, underWay: 2 }
const floorFile = new URL('./floor.js', import.meta.url)

/** Floor and service take turns, and in going first too. */
export async function runRounds (datastore: Datastore, size: Size, note: (text: string) => void): Promise<Round[]> {
  const rounds: Round[] = []
  for (let i = 0; i < size.rounds; i++) {
    const started = performance.now()
    const floorFirst = i % 2 === 0
    let floor = floorFirst ? await runFloor(datastore, size) : undefined
    const service = await runService(datastore, size)
    floor ??= await runFloor(datastore, size)
    rounds.push({ floor, service })
    note(`round ${i + 1}: floor ${floor.add.perSecond} + ${floor.endToEnd.perSecond}/s, service ${service.accept.perSecond} + ${service.endToEnd.perSecond}/s (${Math.round((performance.now() - started) / 1000)} s)`)
  }
  return rounds
}

/** Adding alone and the whole loop are measured in processes of their own, each on an empty datastore. */
async function runFloor (datastore: Datastore, size: Size): Promise<FloorRound> {
  const count = size.accept[datastore.name]
  const warmUp = size.warmUp.accept[datastore.name]
  const adding = await withFloor(datastore, async (ask, pid) => {
    const pids = { process: pid, datastore: datastore.pid }
    const order = { do: 'add', concurrency: CALLERS } as const
    await ask({ ...order, count: warmUp })
    const add = await measure(count, pids, () => ask<FloorAnswer>({ ...order, count }))
    const batched = await measure(count, pids, () => ask<FloorAnswer>({ do: 'addBatched', count, ...BATCH }))
    await ask({ do: 'addPlain', concurrency: CALLERS, count: warmUp })
    const plain = await measure(count, pids, () => ask<FloorAnswer>({ do: 'addPlain', concurrency: CALLERS, count }))
    const plainBatched = await measure(count, pids, () => ask<FloorAnswer>({ do: 'addPlainBatched', count, ...BATCH }))
    const address = await ask<string>({ do: 'serve' })
    await postCrowd(address, warmUp)
    const naive = await measure(count, pids, () => postCrowd(address, count))
    return { add, batched, plain, plainBatched, naive }
  })
  const whole = await withFloor(datastore, async (ask, pid) => {
    const order = { do: 'endToEnd', concurrency: CALLERS } as const
    await ask({ ...order, count: size.warmUp.endToEnd[datastore.name] })
    const events = size.endToEnd[datastore.name]
    const endToEnd = await measure(events, { process: pid, datastore: datastore.pid }, () => ask<FloorAnswer>({ ...order, count: events }))
    const { accept, followOn } = await ask<SteadyAnswer>({ do: 'steady', ...size.steady })
    return { endToEnd, steady: { accept: latencyOf(accept), followOn: latencyOf(followOn) } }
  })
  return { ...adding, ...whole }
}

type Ask = <R>(order: FloorOrder) => Promise<R>

async function withFloor<R> (datastore: Datastore, work: (ask: Ask, pid: number | undefined) => Promise<R>): Promise<R> {
  await datastore.empty()
  const child = await startChild(floorFile, [datastore.url()])
  try {
    return await work(child.ask, child.pid)
  } finally {
    await child.stop()
  }
}

/** The same with the service: its `api` role alone where the floor has no workers, all roles where it has. */
async function runService (datastore: Datastore, size: Size): Promise<ServiceRound> {
  await datastore.empty()
  const adding = await withSignalbox('api', datastore.url(), async ({ pid, address }) => {
    const count = size.accept[datastore.name]
    const warmUp = size.warmUp.accept[datastore.name]
    const pids = { process: pid, datastore: datastore.pid }
    await postCrowd(address, warmUp)
    const accept = await measure(count, pids, () => postCrowd(address, count))
    return { accept }
  })
  await datastore.empty()
  const whole = await withSignalbox('start', datastore.url(), async (signalbox) => {
    const run = async (events: number): Promise<{ ms: number, took: number[] }> => {
      const before = await signalbox.ended()
      const start = performance.now()
      const { took } = await postCrowd(signalbox.address, events)
      await signalbox.untilEnded(events, before)
      return { ms: performance.now() - start, took }
    }
    await run(size.warmUp.endToEnd[datastore.name])
    const events = size.endToEnd[datastore.name]
    const endToEnd = await measure(events, { process: signalbox.pid, datastore: datastore.pid }, () => run(events))
    const before = await signalbox.ended()
    const sent = await postSteady(signalbox.address, size.steady)
    await signalbox.untilEnded(size.steady.count, before)
    const followOn = await followOnLatency(signalbox.address, sent)
    return { endToEnd, steady: { accept: latencyOf(sent.map((one) => one.accept)), followOn: latencyOf(followOn) } }
  })
  return { ...adding, ...whole }
}
