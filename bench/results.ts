import type { BackendName } from '../test/fixtures/servers.ts'
import type { Level } from './growth.ts'
import type { Measure } from './measure.ts'
import type { Round, Steady } from './rounds.ts'
import { round, spreadOf, type Spread } from './summary.ts'

/** Median and best against each other, and the pairs of each round: how far the machine lets them be trusted. */
export type Ratio = { median: number, best: number, rounds: Spread }

export type Results = {
  backend: BackendName
  /** CPU time of the floor's process by that of the service's, per event: does not suffer from what else the machine does. */
  cpu: { accept: number, endToEnd: number }
  ratios: { accept: Ratio, acceptToBatched: Ratio, acceptToPlain: Ratio, acceptToPlainBatched: Ratio, acceptToNaive: Ratio, endToEnd: Ratio }
  /** Milliseconds from the post of an event to its first follow-on event being stored. */
  latency: { floor: Spread, service: Spread, added: number }
  rounds: Round[]
  growth: Level[]
}

/** What the benchmark must show. */
export const TARGETS = { accept: 0.8, endToEnd: 0.7, addedMs: 5 }

export function toResults (backend: BackendName, rounds: Round[], growth: Level[]): Results {
  const rates = (of: (one: Round) => Measure): number[] => rounds.map((one) => of(one).perSecond)
  const ratio = (service: number[], floor: number[]): Ratio => {
    const mine = spreadOf(service, 'high')
    const theirs = spreadOf(floor, 'high')
    return { median: round(mine.median / theirs.median, 2), best: round(mine.best / theirs.best, 2), rounds: spreadOf(service.map((one, i) => round(one / (floor[i] ?? NaN), 2)), 'high') }
  }
  const steady = (of: (one: Round) => Steady): Spread => spreadOf(rounds.map((one) => of(one).followOn.p50), 'low')
  const add = rates(({ floor }) => floor.add)
  const accept = rates(({ service }) => service.accept)
  const cpu = (of: (one: Round) => Measure): number => spreadOf(rounds.map((one) => of(one).cpu.process ?? NaN), 'low').median
  const floor = steady((one) => one.floor.steady)
  const service = steady((one) => one.service.steady)
  return {
    backend,
    cpu: {
      accept: round(cpu((one) => one.floor.add) / cpu((one) => one.service.accept), 2),
      endToEnd: round(cpu((one) => one.floor.endToEnd) / cpu((one) => one.service.endToEnd), 2)
    },
    ratios: {
      accept: ratio(accept, add),
      acceptToBatched: ratio(accept, rates((one) => one.floor.batched)),
      acceptToPlain: ratio(accept, rates((one) => one.floor.plain)),
      acceptToPlainBatched: ratio(accept, rates((one) => one.floor.plainBatched)),
      acceptToNaive: ratio(accept, rates((one) => one.floor.naive)),
      endToEnd: ratio(rates((one) => one.service.endToEnd), rates((one) => one.floor.endToEnd))
    },
    latency: { floor, service, added: round(service.median - floor.median, 2) },
    rounds,
    growth
  }
}
