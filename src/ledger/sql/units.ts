import type { QueuedJob } from '../../base/queued-job.ts'
import { checkUnit, toJson } from '../check.ts'
import type { Entry, Increment, Result, Unit } from '../contract.ts'

/** A unit whose values are written out: what is refused is refused before it travels. */
export type Prepared = Unit & { json: string[] }

export function prepare (unit: Unit, check: (job: QueuedJob) => void): Prepared {
  checkUnit(unit, check)
  return { ...unit, json: (unit.put ?? []).map(({ value }) => toJson(value)) }
}

/** The arguments of signalbox.commit, the jobs by their number in them, and the results as far as they are known. */
export type Flat = { values: unknown[], jobs: QueuedJob[], results: Result[] }

type Rows = {
  docs: Set<string>
  bare: Set<string>
  expects: string[]
  puts: string[]
  gone: string[]
  increments: string[]
  entries: string[]
  jobs: string[]
  queued: QueuedJob[]
}

/**
 * JSON by hand, as the values are JSON already. `u` is the number of the unit, `z` that of the increment whose zero
 * is awaited.
 */
export function flatten (units: Prepared[], delivered: string[]): Flat {
  const rows: Rows = {
    docs: new Set(), bare: new Set(), expects: [], puts: [], gone: [], increments: [], entries: [], jobs: [], queued: []
  }
  const results = units.map((unit, u): Result => ({ ok: true, counts: addUnit(rows, u, unit) }))
  const array = (items: string[]): string | null => items.length === 0 ? null : `[${items.join(',')}]`
  const names = (set: Set<string>): string[] | null => set.size === 0 ? null : [...set]
  const { docs, bare, expects, puts, gone, increments, entries, jobs } = rows
  const arrays = [expects, puts, gone, increments, entries, jobs].map(array)
  return {
    values: [names(docs), names(bare), ...arrays, delivered.length === 0 ? null : delivered],
    jobs: rows.queued,
    results
  }
}

function addUnit (rows: Rows, u: number, unit: Prepared): number[] {
  const { expect, put = [], json, remove = [], increments = [], entries, enqueue } = unit
  const revisions = new Map<string, number>()
  const written = new Set(put.map(({ doc }) => doc))
  for (const [i, expected] of expect.entries()) {
    const doc = JSON.stringify(expected.doc)
    rows.docs.add(expected.doc)
    if ('zero' in expected) {
      rows.bare.add(expected.doc)
      rows.expects.push(`{"u":${u},"i":${i},"doc":${doc},"zero":"${expected.zero}"}`)
    } else {
      if (expected.rev === 0 && !written.has(expected.doc)) rows.bare.add(expected.doc)
      revisions.set(expected.doc, expected.rev)
      rows.expects.push(`{"u":${u},"i":${i},"doc":${doc},"rev":${expected.rev}}`)
    }
  }
  const set = new Map(put.map(({ doc, counts }) => [doc, { ...counts }]))
  const counts = increments.map((increment, i) => addIncrement(rows, u, i, increment, set.get(increment.doc)))
  for (const [i, { doc }] of put.entries()) {
    const [name, rev, counts] = [JSON.stringify(doc), (revisions.get(doc) ?? 0) + 1, JSON.stringify(set.get(doc) ?? {})]
    rows.puts.push(`{"u":${u},"doc":${name},"rev":${rev},"value":${json[i]},"counts":${counts}}`)
  }
  for (const doc of remove) rows.gone.push(`{"u":${u},"doc":${JSON.stringify(doc)}}`)
  addLater(rows, `"u":${u}`, entries, enqueue)
  return counts
}

/** What a counter that the unit sets itself comes to is known here. */
function addIncrement (rows: Rows, u: number, i: number, increment: Increment, set?: Record<string, number>): number {
  const { doc, field, by, atZero } = increment
  const known = set?.[field]
  if (set !== undefined && known !== undefined) {
    set[field] = known + by
    if (known + by === 0) addLater(rows, `"u":${u}`, atZero?.entries, atZero?.enqueue)
    return known + by
  }
  rows.docs.add(doc)
  rows.increments.push(`{"u":${u},"i":${i},"doc":${JSON.stringify(doc)},"field":"${field}","by":${by}}`)
  if (atZero !== undefined) addLater(rows, `"u":${u},"z":${i}`, atZero.entries, atZero.enqueue)
  return 0
}

function addLater (rows: Rows, place: string, entries: Entry[] = [], enqueue: QueuedJob[] = []): void {
  for (const entry of entries) {
    const score = 'remove' in entry ? 'null' : String(entry.score)
    const [list, member] = [JSON.stringify(entry.set), JSON.stringify(entry.member)]
    rows.entries.push(`{${place},"n":${rows.entries.length},"list":${list},"member":${member},"score":${score}}`)
  }
  for (const job of enqueue) {
    rows.jobs.push(`{${place},"n":${rows.jobs.length},"job":${JSON.stringify(job)}}`)
    rows.queued.push(job)
  }
}

/** What signalbox.commit answers: by numbers of units, increments and jobs. */
export type Answer = {
  conflicts: Array<[u: number, doc: string]> | null
  counted: Array<[u: number, i: number, n: number]> | null
  owed: Array<[seq: number, n: number]> | null
}

export function toResults (results: Result[], { conflicts, counted }: Answer): Result[] {
  for (const [u, i, n] of counted ?? []) {
    const result = results[u]
    if (result?.ok === true) result.counts[i] = n
  }
  for (const [u, conflict] of conflicts ?? []) results[u] = { ok: false, conflict }
  return results
}
