import { MAX_NAME_BYTES, UnitRefused, type Entry, type Increment, type QueuedJob, type Unit } from './contract.ts'

const COUNTER = /^[a-z][a-z_]*$/

/**
 * Throws UnitRefused where a unit is at fault by itself, whatever the ledger holds. Values are checked by `toJson`;
 * `checkJob` throws what the queue of a job would say to it.
 */
export function checkUnit (unit: Unit, checkJob: (job: QueuedJob) => unknown): void {
  const revisions = new Set<string>()
  for (const expected of unit.expect) {
    checkName(expected.doc)
    if ('zero' in expected) checkCounter(expected.zero)
    else if (revisions.has(expected.doc)) throw new UnitRefused(`${expected.doc} is expected twice`)
    else revisions.add(expected.doc)
  }
  const written = new Set<string>()
  for (const doc of [...(unit.put ?? []).map((put) => put.doc), ...unit.remove ?? []]) {
    if (!revisions.has(doc)) throw new UnitRefused(`${doc} is written without an expected revision`)
    if (written.has(doc)) throw new UnitRefused(`${doc} is written twice`)
    written.add(doc)
  }
  for (const { counts = {} } of unit.put ?? []) for (const [field, n] of Object.entries(counts)) checkCounter(field, n)
  if (unit.increments !== undefined) checkIncrements(unit.increments, unit.remove ?? [])
  if (unit.entries !== undefined) checkEntries(unit.entries)
  for (const job of jobsOf(unit)) checkQueued(job, checkJob)
}

function checkQueued (job: QueuedJob, checkJob: (job: QueuedJob) => unknown): void {
  try {
    checkJob(job)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UnitRefused(`job ${job.id} for queue ${job.queue}: ${reason}`, { cause: error })
  }
}

function checkIncrements (increments: Increment[], removed: string[]): void {
  const counters = new Set<string>()
  for (const { doc, field, by, atZero } of increments) {
    checkName(doc)
    checkCounter(field, by)
    const counter = `${field} ${doc}`
    if (counters.has(counter)) throw new UnitRefused(`${field} of ${doc} is counted twice`)
    counters.add(counter)
    if (removed.includes(doc)) throw new UnitRefused(`${doc} is removed and counted`)
    if (atZero?.entries !== undefined) checkEntries(atZero.entries)
  }
}

function checkEntries (entries: Entry[]): void {
  for (const entry of entries) {
    checkName(entry.set)
    checkName(entry.member)
    if ('score' in entry && !Number.isFinite(entry.score)) {
      throw new UnitRefused(`the score of ${entry.member} in ${entry.set} is no number`)
    }
  }
}

function checkName (name: string): void {
  if (name === '') throw new UnitRefused('a name is empty')
  checkText(name)
  if (name.length * 3 > MAX_NAME_BYTES && Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new UnitRefused(`${name.slice(0, 100)}… has more than ${MAX_NAME_BYTES} bytes`)
  }
}

function checkCounter (field: string, n = 0): void {
  if (!COUNTER.test(field)) throw new UnitRefused(`${JSON.stringify(field)} is no name of a counter`)
  if (!Number.isSafeInteger(n)) throw new UnitRefused(`${field} is no whole number`)
}

/** What PostgreSQL can keep; the others keep no more. */
export function checkText (text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) throw new UnitRefused(`${JSON.stringify(text.slice(0, 100))} holds U+0000 or a lone surrogate`)
}

/** JSON.stringify writes both as escapes; a backslash that is escaped itself must be stepped over. */
const UNFIT_JSON = /\\(?:u0000|ud[89a-f][0-9a-f]{2})/
const ESCAPES = /\\(?:u[0-9a-f]{4}|.)/g

/** A value as it is stored. */
export function toJson (value: object): string {
  const json = JSON.stringify(value)
  if (UNFIT_JSON.test(json) && json.match(ESCAPES)?.some((escape) => UNFIT_JSON.test(escape)) === true) {
    throw new UnitRefused(`a value holds U+0000 or a lone surrogate: ${json.slice(0, 100)}`)
  }
  return json
}

/** All jobs that a unit may enqueue. */
const jobsOf = (unit: Unit): QueuedJob[] =>
  [...unit.enqueue ?? [], ...(unit.increments ?? []).flatMap(({ atZero }) => atZero?.enqueue ?? [])]
