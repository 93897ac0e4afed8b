import type { QueuedJob } from '../../base/queued-job.ts'
import { checkUnit, toJson } from '../check.ts'
import { UnitRefused, type Entry, type Unit } from '../contract.ts'
import { createPacker, type Packer } from './packer.ts'

/** Puts jobs on their queues within the script of a commit. Made where the queues are known. */
export interface ComposedEnqueuer {
  /** Lua that fills the table `add`: functions of (keys, three arguments) by name. */
  lua: string
  /** Throws where the queue would refuse the job. */
  toCall: (job: QueuedJob) => EnqueueCall
}

/** `keys` is the same array for the same queue and function. */
export type EnqueueCall = { name: string, keys: string[], args: [Argument, Argument, Argument] }

export type Argument = string | Buffer

/** The number of each table of keys. */
type Tables = Map<string[], number>

/** What a commit is told: the prefix, the tables of keys, the units. Each list stands after its length. */
export function pack (prefix: string, units: Prepared[]): Buffer {
  const out = createPacker()
  const tables: Tables = new Map()
  for (const { calls } of units) {
    for (const { keys } of calls.values()) if (!tables.has(keys)) tables.set(keys, tables.size + 1)
  }
  out.text(prefix)
  writeList(out, [...tables.keys()], (table) => { writeList(out, table, out.text) })
  writeList(out, units, (unit) => { writeUnit(out, unit, tables) })
  return out.end()
}

function writeList<T> (out: Packer, items: Iterable<T> & { length: number }, write: (item: T) => void): void {
  out.count(items.length)
  for (const item of items) write(item)
}

/** A unit whose values and jobs are written out: what is refused is refused before it travels. */
export type Prepared = Unit & { json: string[], calls: Map<QueuedJob, EnqueueCall> }

export function prepare (unit: Unit, { toCall }: ComposedEnqueuer): Prepared {
  const calls = new Map<QueuedJob, EnqueueCall>()
  checkUnit(unit, (job) => calls.set(job, toCall(job)))
  return { ...unit, json: (unit.put ?? []).map(({ value }) => toJson(value)), calls }
}

export const hasJobs = ({ calls }: Prepared): boolean => calls.size > 0

function writeUnit (out: Packer, unit: Prepared, tables: Tables): void {
  const { expect, put = [], json, remove = [], increments = [], entries, enqueue, calls } = unit
  const revisions = new Map<string, number>()
  writeList(out, expect, (expected) => {
    const [field, value] = 'zero' in expected ? [expected.zero, 0] : ['#', expected.rev]
    if (!('zero' in expected)) revisions.set(expected.doc, expected.rev)
    out.text(expected.doc)
    out.text(field)
    out.text(String(value))
  })
  out.count(put.length)
  for (const [i, { doc, counts = {} }] of put.entries()) {
    const rev = String((revisions.get(doc) ?? 0) + 1)
    const fields = Object.entries(counts).flatMap(([field, n]) => [field, String(n)])
    out.text(doc)
    writeList(out, ['=', json[i] ?? '', '#', rev, ...fields], out.text)
  }
  writeList(out, remove, out.text)
  writeList(out, increments, ({ doc, field, by, atZero }) => {
    out.text(doc)
    out.text(field)
    out.text(String(by))
    out.count(atZero === undefined ? 0 : 1)
    if (atZero !== undefined) writeLater(out, atZero.entries, atZero.enqueue, calls, tables)
  })
  writeLater(out, entries, enqueue, calls, tables)
}

/** A score that is empty removes. */
function writeLater (
  out: Packer,
  entries: Entry[] = [],
  jobs: QueuedJob[] = [],
  calls: Prepared['calls'],
  tables: Tables
): void {
  writeList(out, entries, (entry) => {
    out.text(entry.set)
    out.text(entry.member)
    out.text('remove' in entry ? '' : String(entry.score))
  })
  writeList(out, jobs, (job) => {
    const call = calls.get(job)
    if (call === undefined) throw new UnitRefused(`job ${job.id} was not prepared`)
    out.text(call.name)
    out.count(tables.get(call.keys) ?? 0)
    for (const one of call.args) typeof one === 'string' ? out.text(one) : out.bytes(one)
  })
}
