import type { Ledger } from '../../ledger/contract.ts'
import type { Outcomes, ProcessStats, Stats, StatsStep } from '../../schemas/stats.ts'
import { sets } from '../documents/names.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { endOfBucket, HOUR_MS, hourOf, KEPT_HOURS, labelDoc, tallies } from './tally-names.ts'

type Reads = { ledger: Pick<Ledger, 'get' | 'list' | 'count'>, lookups: () => Lookups, now: () => number }
type Counted = { hour: number, label: string, counts: Record<string, number> }

/** Documents that are read at once. */
const PIECE = 1000
const STEP_MS: Record<StatsStep, number> = { hour: HOUR_MS, day: 24 * HOUR_MS }

/** What was counted since a time, at most two weeks ago, and what is open now; of one process where it is named. */
export async function readStats (reads: Reads, since: number, step: StatsStep, name?: string): Promise<Stats> {
  const until = reads.now()
  const first = startOf(Math.max(since, until - KEPT_HOURS * HOUR_MS), step)
  const isMeant = ({ label }: Counted): boolean => name === undefined || [undefined, name].includes(nameOf(label, 'p'))
  const counted = (await readCounted(reads, first, until)).filter(isMeant)
  const counting = counted.flatMap(({ label }) => nameOf(label, 'p') ?? [])
  const names = name === undefined ? new Set([...reads.lookups().processes.keys(), ...counting]) : [name]
  return {
    since: new Date(first).toISOString(),
    until: new Date(until).toISOString(),
    step,
    steps: toSteps(counted, { first, until, step }),
    types: toTypes(counted),
    processes: await readProcesses(reads, counted, [...names])
  }
}

const startOf = (ms: number, step: StatsStep): number => Math.floor(ms / STEP_MS[step]) * STEP_MS[step]

async function readCounted ({ ledger }: Reads, first: number, until: number): Promise<Counted[]> {
  const page = { min: first, max: hourOf(until), limit: KEPT_HOURS + 1 }
  const hours = (await ledger.list(tallies.hours, page)).map(([hour]) => hour)
  const labels = await Promise.all(hours.map((hour) => ledger.list(tallies.labels(hour), { limit: PIECE })))
  const all = hours.flatMap((hour, i) => (labels[i] ?? []).map(([, label]) => ({ hour, label })))
  const counted: Counted[] = []
  for (let start = 0; start < all.length; start += PIECE) {
    const piece = all.slice(start, start + PIECE)
    const found = await ledger.get(piece.map(({ hour, label }) => labelDoc(hour, label)))
    counted.push(...piece.map((one, i) => ({ ...one, counts: found[i]?.counts ?? {} })))
  }
  return counted
}

const nameOf = (label: string, kind: 'e' | 'p'): string | undefined =>
  label.startsWith(`${kind} `) ? label.slice(2) : undefined

const sum = (all: Counted[], field: string): number =>
  all.reduce((total, { counts }) => total + (counts[field] ?? 0), 0)

function outcomesOf (all: Counted[]): Outcomes {
  const jobs = all.filter(({ label }) => label.startsWith('p '))
  return {
    complete: sum(jobs, 'complete'),
    failed: sum(jobs, 'failed'),
    cancelled: sum(jobs, 'cancelled'),
    absorbed: sum(jobs, 'absorbed')
  }
}

const jobsOf = (all: Counted[]): Pick<ProcessStats, 'jobs' | 'run' | 'wait'> =>
  ({ jobs: outcomesOf(all), run: spreadOf(all, 'run_'), wait: spreadOf(all, 'wait_') })

type Span = { first: number, until: number, step: StatsStep }

function toSteps (counted: Counted[], { first, until, step }: Span): Stats['steps'] {
  const steps: Stats['steps'] = []
  for (let at = first; at <= until; at += STEP_MS[step]) {
    const within = counted.filter(({ hour }) => hour >= at && hour < at + STEP_MS[step])
    steps.push({ at: new Date(at).toISOString(), events: sum(within, 'accepted'), ...jobsOf(within) })
  }
  return steps
}

const byEvents = (a: Stats['types'][number], b: Stats['types'][number]): number =>
  b.events - a.events || (a.type < b.type ? -1 : 1)

function toTypes (counted: Counted[]): Stats['types'] {
  const events = new Map<string, number>()
  for (const { label, counts } of counted) {
    const type = nameOf(label, 'e')
    if (type !== undefined) events.set(type, (events.get(type) ?? 0) + (counts['accepted'] ?? 0))
  }
  return [...events].map(([type, n]) => ({ type, events: n })).sort(byEvents)
}

async function readProcesses ({ ledger }: Reads, counted: Counted[], names: string[]): Promise<ProcessStats[]> {
  const [sizes, oldest] = await Promise.all([
    ledger.count(names.flatMap((name) => [sets.open(name), sets.failedOf(name)])),
    Promise.all(names.map((name) => ledger.list(sets.open(name), { limit: 1 })))
  ])
  return names.map((name, i) => {
    const own = counted.filter(({ label }) => label === `p ${name}`)
    const at = oldest[i]?.[0]?.[0]
    return {
      process: name,
      ...jobsOf(own),
      open: sizes[2 * i] ?? 0,
      failed: sizes[2 * i + 1] ?? 0,
      oldest: at === undefined ? null : new Date(at).toISOString()
    }
  })
}

function spreadOf (all: Counted[], prefix: string): ProcessStats['run'] {
  const counts = new Map<number, number>()
  for (const one of all) {
    for (const [field, n] of Object.entries(one.counts)) {
      if (!field.startsWith(prefix)) continue
      const end = endOfBucket(field.slice(prefix.length))
      counts.set(end, (counts.get(end) ?? 0) + n)
    }
  }
  const pieces = [...counts].sort(([a], [b]) => a - b)
  const total = pieces.reduce((n, [, count]) => n + count, 0)
  const at = (share: number): number | null => {
    let seen = 0
    return pieces.find(([, n]) => (seen += n) >= total * share)?.[0] ?? null
  }
  return { p50: at(0.5), p95: at(0.95) }
}
