import { checkText, checkUnit } from './check.ts'
import {
  PAGE, type Document, type Entered, type Entry, type Expectation, type Ledger, type Page, type QueuedJob, type Result,
  type Unit
} from './contract.ts'
import { createOrder, type Order } from './order.ts'

export interface MemoryLedger extends Ledger {
  /** `commit`, at once: for the simulation. */
  apply: (unit: Unit) => Result
  /** A document behind the scenes. */
  peek: (doc: string) => Document | undefined
  documents: () => Iterable<[string, Document]>
  sets: () => Iterable<[string, Entered[]]>
}

type Settings = {
  /** Told the jobs of a unit as it is applied. */
  enqueue?: (jobs: QueuedJob[]) => void
  /** Throws where the queue would refuse the job. */
  check?: (job: QueuedJob) => void
  now?: () => number
}

type State = Required<Settings> & { docs: Map<string, Document>, lists: Map<string, Order> }

const ABSENT: Document = { rev: 0, value: undefined, counts: Object.freeze({}) }

/**
 * The contract in its shortest form, for tests and the simulation. Values are copied and frozen when they are put:
 * whoever changes what was read meets an error here, where other ledgers would hide it.
 */
export function createMemoryLedger (settings: Settings = {}): MemoryLedger {
  const { enqueue = () => {}, check = () => {}, now = Date.now } = settings
  const state: State = { enqueue, check, now, docs: new Map(), lists: new Map() }
  return {
    apply: apply.bind(null, state),
    peek: (doc) => state.docs.get(doc),
    documents: () => state.docs,
    sets: function * () { for (const [set, order] of state.lists) yield [set, order.page({ limit: Infinity })] },
    commit: async (unit) => apply(state, unit),
    get: async (docs) => docs.map((doc) => state.docs.get(doc)),
    list: async (set, page: Page = {}) => state.lists.get(set)?.page({ limit: PAGE, ...page }) ?? [],
    count: async (sets) => sets.map((set) => state.lists.get(set)?.size() ?? 0),
    now: async () => state.now(),
    sweep: async () => 0,
    migrate: async () => {},
    close: async () => {}
  }
}

function apply (state: State, unit: Unit): Result {
  checkUnit(unit, state.check)
  const values = (unit.put ?? []).map(({ value }) => frozen(value))
  const wrong = unit.expect.find((expected) => !holds(state, expected))
  if (wrong !== undefined) return { ok: false, conflict: wrong.doc }
  for (const [i, { doc, counts }] of (unit.put ?? []).entries()) {
    const before = found(state, doc)
    state.docs.set(doc, { rev: before.rev + 1, value: values[i], counts: { ...before.counts, ...counts } })
  }
  for (const doc of unit.remove ?? []) {
    if (state.docs.has(doc)) state.docs.set(doc, { ...ABSENT, rev: found(state, doc).rev + 1 })
  }
  const jobs: QueuedJob[] = []
  const counts = (unit.increments ?? []).map(({ doc, field, by, atZero }) => {
    const before = found(state, doc)
    const n = (before.counts[field] ?? 0) + by
    state.docs.set(doc, { ...before, counts: { ...before.counts, [field]: n } })
    if (n === 0 && atZero !== undefined) {
      enter(state, atZero.entries)
      jobs.push(...atZero.enqueue ?? [])
    }
    return n
  })
  enter(state, unit.entries)
  jobs.push(...unit.enqueue ?? [])
  if (jobs.length > 0) state.enqueue(jobs)
  return { ok: true, counts }
}

const found = (state: State, doc: string): Document => state.docs.get(doc) ?? ABSENT

function holds (state: State, expected: Expectation): boolean {
  const { rev, counts } = found(state, expected.doc)
  return 'zero' in expected ? (counts[expected.zero] ?? 0) === 0 : rev === expected.rev
}

function enter (state: State, entries: Entry[] = []): void {
  for (const entry of entries) {
    let order = state.lists.get(entry.set)
    if (order === undefined) state.lists.set(entry.set, order = createOrder())
    if ('remove' in entry) order.delete(entry.member)
    else order.set(entry.member, entry.score)
    if (order.size() === 0) state.lists.delete(entry.set)
  }
}

/** What JSON would make of a value. */
function frozen <T> (value: T): T {
  if (typeof value === 'string') checkText(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return null as T
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return Object.freeze(value.map((item) => item === undefined ? null : frozen(item))) as T
  if ('toJSON' in value) return frozen(JSON.parse(JSON.stringify(value)) as T)
  const copy: Record<string, unknown> = {}
  for (const [field, item] of Object.entries(value)) {
    if (item === undefined || typeof item === 'function') continue
    checkText(field)
    // Not assigned: a field may be called __proto__.
    Object.defineProperty(copy, field, { value: frozen(item as unknown), enumerable: true })
  }
  return Object.freeze(copy) as T
}
