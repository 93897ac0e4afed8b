import { setTimeout as sleep } from 'node:timers/promises'
import type { Datastore } from './datastore.ts'
import { PROCESSES } from './event.ts'
import { postCrowd } from './load.ts'
import { measure, perEvent, readUsage, usedSince, type Cpu, type Measure } from './measure.ts'
import { withSignalbox } from './signalbox.ts'
import { round } from './summary.ts'
import { haveWait } from './waiting.ts'

/** What one more event and one more job cost while `waiting` events wait. Milliseconds. */
export type Level = { waiting: number, accept: Measure, msPerEvent: number, msPerJob: number, cpuMsPerJob: Cpu }

const ACCEPTED = 1000
const WARM_UP = 300
const WORK_WARM_UP_MS = 1000
const WORK_MS = 3000

export async function runGrowth (datastore: Datastore, levels: number[], note: (text: string) => void): Promise<Level[]> {
  await datastore.empty()
  const found: Level[] = []
  let waiting = 0
  for (const level of levels) {
    await haveWait(datastore.url(), Math.max(0, level - waiting - ACCEPTED / 2 - WARM_UP))
    const accept = await acceptSome(datastore)
    const work = await workSome(datastore)
    waiting = work.waiting
    found.push({ waiting: level, accept, msPerEvent: round(1000 / accept.perSecond), msPerJob: work.msPerJob, cpuMsPerJob: work.cpu })
    note(`${level} waiting: ${round(1000 / accept.perSecond)} ms/event accepted, ${work.msPerJob} ms/job`)
  }
  return found
}

async function acceptSome (datastore: Datastore): Promise<Measure> {
  return await withSignalbox('api', datastore.url(), async ({ pid, address }) => {
    await postCrowd(address, WARM_UP)
    return await measure(ACCEPTED, { process: pid, datastore: datastore.pid }, () => postCrowd(address, ACCEPTED))
  })
}

/** All roles at work on what waits, for a while. */
async function workSome (datastore: Datastore): Promise<{ msPerJob: number, cpu: Cpu, waiting: number }> {
  return await withSignalbox('start', datastore.url(), async (signalbox) => {
    await sleep(WORK_WARM_UP_MS)
    const pids = { process: signalbox.pid, datastore: datastore.pid }
    const sample = async () => ({ at: performance.now(), ended: await signalbox.ended(), usage: readUsage(pids) })
    const before = await sample()
    await sleep(WORK_MS)
    const after = await sample()
    const jobs = after.ended - before.ended
    return { msPerJob: round((after.at - before.at) / jobs), cpu: perEvent(usedSince(before.usage, after.usage), jobs), waiting: await signalbox.open() / PROCESSES.length }
  })
}
