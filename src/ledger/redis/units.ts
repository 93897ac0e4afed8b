import type { QueuedJob } from '../../base/queued-job.ts'
import { checkUnit, toJson } from '../check.ts'
import { UnitRefused, type Entry, type Increment, type Unit } from '../contract.ts'

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

/** The arguments of a commit: the prefix, the tables of keys, the units. Each list stands after its length. */
export function toArguments (prefix: string, units: Prepared[]): Argument[] {
  const tables: Tables = new Map()
  const args: Argument[] = []
  for (const unit of units) writeUnit(args, unit, tables)
  const keys = [...tables.keys()].flatMap((table) => [String(table.length), ...table])
  return [prefix, String(tables.size), ...keys, String(units.length), ...args]
}

/** A unit whose values and jobs are written out: what is refused is refused before it travels. */
export type Prepared = Unit & { json: string[], calls: Map<QueuedJob, EnqueueCall> }

export function prepare (unit: Unit, { toCall }: ComposedEnqueuer): Prepared {
  const calls = new Map<QueuedJob, EnqueueCall>()
  checkUnit(unit, (job) => calls.set(job, toCall(job)))
  return { ...unit, json: (unit.put ?? []).map(({ value }) => toJson(value)), calls }
}

export const hasJobs = ({ calls }: Prepared): boolean => calls.size > 0

function writeUnit (args: Argument[], unit: Prepared, tables: Tables): void {
  const { expect, put = [], json, remove = [], increments = [], entries, enqueue, calls } = unit
  const revisions = new Map<string, number>()
  args.push(String(expect.length))
  for (const expected of expect) {
    if ('zero' in expected) {
      args.push(expected.doc, expected.zero, '0')
    } else {
      args.push(expected.doc, '#', String(expected.rev))
      revisions.set(expected.doc, expected.rev)
    }
  }
  args.push(String(put.length))
  for (const [i, { doc, counts = {} }] of put.entries()) {
    const fields = Object.entries(counts).flatMap(([field, n]) => [field, String(n)])
    args.push(doc, String(4 + fields.length), '=', json[i] ?? '', '#', String((revisions.get(doc) ?? 0) + 1), ...fields)
  }
  args.push(String(remove.length), ...remove)
  args.push(String(increments.length))
  for (const increment of increments) writeIncrement(args, increment, calls, tables)
  writeEntries(args, entries)
  writeJobs(args, enqueue, calls, tables)
}

function writeIncrement (args: Argument[], increment: Increment, calls: Prepared['calls'], tables: Tables): void {
  const { doc, field, by, atZero } = increment
  args.push(doc, field, String(by), atZero === undefined ? '0' : '1')
  if (atZero === undefined) return
  writeEntries(args, atZero.entries)
  writeJobs(args, atZero.enqueue, calls, tables)
}

/** A score that is empty removes. */
function writeEntries (args: Argument[], entries: Entry[] = []): void {
  args.push(String(entries.length))
  for (const entry of entries) args.push(entry.set, entry.member, 'remove' in entry ? '' : String(entry.score))
}

function writeJobs (args: Argument[], jobs: QueuedJob[] = [], calls: Prepared['calls'], tables: Tables): void {
  args.push(String(jobs.length))
  for (const job of jobs) {
    const call = calls.get(job)
    if (call === undefined) throw new UnitRefused(`job ${job.id} was not prepared`)
    const known = tables.get(call.keys) ?? tables.size + 1
    tables.set(call.keys, known)
    args.push(call.name, String(known), ...call.args)
  }
}
