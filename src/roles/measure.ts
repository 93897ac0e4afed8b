import type { Loops } from '../base/loops.ts'
import { sets } from '../engine/documents/names.ts'
import { SCHEDULES_QUEUE } from '../engine/own-queues.ts'
import { runOf } from '../engine/dispatch/run.ts'
import type { Readings } from '../engine/gauges.ts'
import type { Metrics } from '../engine/metrics.ts'
import type { Lookups } from '../engine/lookups/lookups.ts'
import type { Clock } from '../ledger/clock.ts'
import type { Ledger } from '../ledger/contract.ts'
import type { Work } from '../queues/work.ts'
import type { Watch } from './condition.ts'
import { queueNamesOf, readDepths } from './queue-names.ts'

/** Open jobs of a process that are looked through for one that nobody works on. */
const MOST = 200

type Given = {
  ledger: Ledger
  work: Work
  clock: Clock
  watch: Pick<Watch, 'state'>
  loops: Pick<Loops, 'unserved'>
  lookups: () => Lookups
}

export function createReadings (given: Given): Readings {
  const { ledger, work, clock, watch, loops, lookups } = given
  return {
    unserved: work.unserved,
    stuck: loops.unserved,
    isFull: () => watch.state().full !== undefined,
    depths: async () => await readDepths({ ledger, work, lookups }, queueNamesOf(lookups())),
    oldest: async () => new Map(await Promise.all([...lookups().processes.values()].map(async ({ name, queue }) =>
      [name, await oldestOf(given, name, queue)] as const))),
    lateness: async () => {
      const known = lookups().schedules
      const stored = await work.schedules(SCHEDULES_QUEUE)
      return new Map(stored.filter(({ name }) => known.has(name)).map(({ name, next }) =>
        [name, Math.max(0, clock.now() - next) / 1000]))
    }
  }
}

async function oldestOf ({ ledger, work, clock }: Given, processName: string, queue: string): Promise<number> {
  const open = await ledger.list(sets.open(processName), { limit: MOST })
  if (open.length === 0) return 0
  const running = new Set((await work.active(queue, MOST)).map(({ id, data }) => runOf(id, data).job))
  const oldest = open.find(([, job]) => !running.has(job))
  return oldest === undefined ? 0 : Math.max(0, clock.now() - oldest[0]) / 1000
}

const MEASURED = ['commit', 'get', 'list', 'count'] as const

/** The same ledger, whose answers are timed. */
export function measured (ledger: Ledger, metrics: Pick<Metrics, 'ledger'>): Ledger {
  const timed = Object.fromEntries(MEASURED.map((verb) => [verb, (...args: never[]) => {
    const started = performance.now()
    const answered = (ledger[verb] as (...given: never[]) => Promise<unknown>)(...args)
    const tell = (): void => { metrics.ledger(verb, performance.now() - started) }
    answered.then(tell, tell)
    return answered
  }]))
  return { ...ledger, ...timed }
}
