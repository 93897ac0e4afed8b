import type { AtZero, Expectation, Increment, QueuedJob, Unit } from '../../ledger/contract.ts'
import type { Told } from './told.ts'
import { dueMember, gateOfDue, sets } from './names.ts'

/**
 * A unit in the making. Counters are netted, so that what a follow-on event takes and its producer
 * gives back never touches zero in between; of one member of a set the last word counts.
 */
export interface Draft {
  expect: (doc: string, rev: number) => void
  expectZero: (doc: string, field: string) => void
  /** Expects the revision too. */
  put: (doc: string, rev: number, value: object, counts?: Record<string, number>) => void
  /** Expects the revision too. */
  remove: (doc: string, rev: number) => void
  count: (doc: string, field: string, by: number, atZero?: AtZero) => void
  enter: (set: string, member: string, score: number) => void
  leave: (set: string, member: string) => void
  enqueue: (job: QueuedJob) => void
  /** Has a gate looked at, from `when` on. */
  wake: (gate: string, cause: string, when: number) => void
  /** For who counts what units bring about; nothing of it is written. */
  tell: (fact: Told) => void
  told: () => Told[]
  unit: () => Unit
  isEmpty: () => boolean
  /** The documents that it puts as new. */
  made: () => string[]
}

type Entering = { set: string, member: string, score: number | undefined }

/**
 * The causes of looks that a unit has written, by gate: whoever has committed it looks at once.
 * `counts`: what it answered.
 */
export function wokenBy (
  { entries = [], increments = [] }: Unit,
  counts: number[],
  now: number
): Map<string, string[]> {
  const woken = new Map<string, string[]>()
  const all = [...entries, ...increments.flatMap(({ atZero }, i) => counts[i] === 0 ? (atZero?.entries ?? []) : [])]
  for (const entry of all) {
    if (entry.set !== sets.due || 'remove' in entry || entry.score > now) continue
    const gate = gateOfDue(entry.member)
    woken.set(gate, [...(woken.get(gate) ?? []), entry.member])
  }
  return woken
}

/** `removed`: revisions of documents that are put as new and were there once. */
export function createDraft (removed: ReadonlyMap<string, number> = new Map()): Draft {
  const expects: Expectation[] = []
  const revisions = new Map<string, number>()
  const puts = new Map<string, { doc: string, value: object, counts?: Record<string, number> }>()
  const made = new Set<string>()
  const gone = new Set<string>()
  const increments = new Map<string, Increment>()
  const entries = new Map<string, Entering>()
  const jobs: QueuedJob[] = []
  const told: Told[] = []

  const enterAll = ({ set, member, score }: Entering): void => {
    entries.set(`${set}\n${member}`, { set, member, score })
  }

  function expect (doc: string, rev: number): void {
    if (revisions.has(doc)) return
    revisions.set(doc, rev)
    expects.push({ doc, rev })
  }

  function count (doc: string, field: string, by: number, atZero?: AtZero): void {
    const known = increments.get(`${field} ${doc}`)
    if (known === undefined) increments.set(`${field} ${doc}`, { doc, field, by, atZero })
    else increments.set(`${field} ${doc}`, { doc, field, by: known.by + by, atZero: atZero ?? known.atZero })
  }

  return {
    expect,
    expectZero: (doc, field) => { expects.push({ doc, zero: field }) },
    put: (doc, rev, value, counts) => {
      if (rev === 0) made.add(doc)
      expect(doc, rev === 0 ? (removed.get(doc) ?? 0) : rev)
      puts.set(doc, { doc, value, counts })
    },
    remove: (doc, rev) => {
      expect(doc, rev)
      gone.add(doc)
    },
    count,
    enter: (set, member, score) => { enterAll({ set, member, score }) },
    leave: (set, member) => { enterAll({ set, member, score: undefined }) },
    enqueue: (job) => { jobs.push(job) },
    tell: (fact) => { told.push(fact) },
    told: () => told,
    wake: (gate, cause, when) => { enterAll({ set: sets.due, member: dueMember(gate, cause), score: when }) },
    unit: () => ({
      expect: expects,
      put: [...puts.values()],
      increments: [...increments.values()].filter(({ by }) => by !== 0),
      entries: [...entries.values()].map(({ set, member, score }) =>
        score === undefined ? { set, member, remove: true } : { set, member, score }
      ),
      enqueue: jobs,
      remove: [...gone]
    }),
    isEmpty: () => puts.size + gone.size + increments.size + entries.size + jobs.length === 0,
    made: () => [...made]
  }
}
