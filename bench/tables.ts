import Table from 'cli-table3'
import type { Measure } from './measure.ts'
import { TARGETS, type Ratio, type Results } from './results.ts'
import type { Round, Steady } from './rounds.ts'
import { spreadOf } from './summary.ts'

/** The results for people. */
export function toTables (all: Results[]): string {
  return [rates(all), ratios(all), latencies(all), growth(all)].filter((text) => text !== '').join('\n\n')
}

const PHASES: Array<[string, (round: Round) => Measure]> = [
  ['floor: add, 50 callers', ({ floor }) => floor.add],
  ['floor: addBulk of 50, 2 under way', ({ floor }) => floor.batched],
  ['bare adds: two jobs without a flow, 50 callers', ({ floor }) => floor.plain],
  ['bare adds: addBulk of 50, 2 under way', ({ floor }) => floor.plainBatched],
  ['naive service: 50 connections', ({ floor }) => floor.naive],
  ['signalbox: 50 connections', ({ service }) => service.accept],
  ['floor: end to end', ({ floor }) => floor.endToEnd],
  ['signalbox: end to end', ({ service }) => service.endToEnd]
]

function rates (all: Results[]): string {
  const table = new Table({ head: ['backend', 'phase', 'events/s median', 'best', 'min-max', 'p50 ms', 'p99 ms', 'CPU ms/event', 'datastore', 'load', 'others'], style: plain })
  for (const { backend, rounds } of all) {
    for (const [name, of] of PHASES) {
      const measures = rounds.map(of)
      const speed = spreadOf(measures.map((one) => one.perSecond), 'high')
      const low = (pick: (one: Measure) => number | undefined): string => number(spreadOf(measures.map((one) => pick(one) ?? NaN), 'low').median, 2)
      table.push([backend, name, number(speed.median, 0), number(speed.best, 0), `${number(speed.min, 0)}-${number(speed.max, 0)}`, low((one) => one.latency.p50), low((one) => one.latency.p99), low((one) => one.cpu.process), low((one) => one.cpu.datastore), /^(floor|bare)/.test(name) ? '' : low((one) => one.cpu.load), low((one) => one.others)])
    }
  }
  return table.toString()
}

function ratios (all: Results[]): string {
  const table = new Table({ head: ['backend', 'signalbox against', 'ratio of medians', 'of bests', 'round by round', 'wanted', ''], style: plain })
  for (const { backend, ratios, cpu, latency } of all) {
    const row = (name: string, one: Ratio, wanted?: number): void => {
      table.push([backend, name, number(one.median, 2), number(one.best, 2), `${number(one.rounds.min, 2)}-${number(one.rounds.max, 2)}`, wanted === undefined ? '' : `>= ${wanted}`, wanted === undefined ? '' : verdict(one.median >= wanted)])
    }
    row('floor, accepting', ratios.accept, TARGETS.accept)
    table.push([backend, '  the same in CPU time of the process', number(cpu.accept, 2)])
    row('batched floor, accepting', ratios.acceptToBatched)
    row('bare adds, accepting', ratios.acceptToPlain)
    row('batched bare adds, accepting', ratios.acceptToPlainBatched)
    row('naive service, accepting', ratios.acceptToNaive)
    row('floor, end to end', ratios.endToEnd, TARGETS.endToEnd)
    table.push([backend, '  the same in CPU time of the process', number(cpu.endToEnd, 2)])
    table.push([backend, 'latency added at 50 events/s, ms', number(latency.added, 1), number(latency.service.best - latency.floor.best, 1), '', `< ${TARGETS.addedMs}`, verdict(latency.added < TARGETS.addedMs)])
  }
  return table.toString()
}

function latencies (all: Results[]): string {
  const table = new Table({ head: ['backend', 'at 50 events/s, ms', 'p50', 'p95', 'p99', 'p50 min-max'], style: plain })
  const rows: Array<[string, (round: Round) => Steady, keyof Steady]> = [
    ['floor: added', ({ floor }) => floor.steady, 'accept'],
    ['signalbox: answered', ({ service }) => service.steady, 'accept'],
    ['floor: first follow-on stored', ({ floor }) => floor.steady, 'followOn'],
    ['signalbox: first follow-on stored', ({ service }) => service.steady, 'followOn']
  ]
  for (const { backend, rounds } of all) {
    for (const [name, of, kind] of rows) {
      const spread = (quantile: 'p50' | 'p95' | 'p99') => spreadOf(rounds.map((one) => of(one)[kind][quantile]), 'low')
      const p50 = spread('p50')
      table.push([backend, name, number(p50.median, 1), number(spread('p95').median, 1), number(spread('p99').median, 1), `${number(p50.min, 1)}-${number(p50.max, 1)}`])
    }
  }
  return table.toString()
}

function growth (all: Results[]): string {
  if (all.every((one) => one.growth.length === 0)) return ''
  const table = new Table({ head: ['backend', 'events waiting', 'ms/event accepted', 'CPU', 'datastore', 'ms/job processed', 'CPU', 'datastore'], style: plain })
  for (const { backend, growth } of all) {
    for (const { waiting, accept, msPerEvent, msPerJob, cpuMsPerJob } of growth) {
      table.push([backend, waiting, number(msPerEvent, 2), number(accept.cpu.process, 2), number(accept.cpu.datastore, 2), number(msPerJob, 2), number(cpuMsPerJob.process, 2), number(cpuMsPerJob.datastore, 2)])
    }
  }
  return table.toString()
}

const plain = { head: [], border: [], compact: true }
const verdict = (good: boolean): string => good ? 'met' : 'MISSED'
const number = (value: number | undefined, digits: number): string => value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits)
