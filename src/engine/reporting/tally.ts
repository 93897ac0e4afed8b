import type { Loops } from '../../base/loops.ts'
import type { Increment, Ledger } from '../../ledger/contract.ts'
import type { Told } from '../documents/told.ts'
import { bucketOf, HOUR_MS, hourOf, KEPT_HOURS, labelDoc, tallies } from './tally-names.ts'

const FLUSH_MS = 2000
/** The loop that writes it; nothing waits for that. */
export const STATISTICS = 'statistics'

/** Counts what this process has committed. What is not written when the process dies is not counted. */
export interface Tally {
  told: (facts: Told[]) => void
  /** Writes what is counted so far. */
  flush: () => Promise<void>
  close: () => Promise<void>
}

type Settings = { ledger: Pick<Ledger, 'get' | 'list' | 'commit'>, now: () => number, loops: Loops }
type State = Settings & { counts: Map<string, Map<string, number>>, forgottenAt: number }

export function createTally (settings: Settings): Tally {
  const state: State = { ...settings, counts: new Map(), forgottenAt: 0 }
  const loop = settings.loops.start({ name: STATISTICS, everyMs: FLUSH_MS, act: () => flush(state) })
  return {
    told: (facts) => { for (const fact of facts) count(state, fact) },
    flush: () => flush(state),
    close: async () => {
      await loop.close()
      // What cannot be written any more is not counted.
      await flush(state).catch(() => {})
    }
  }
}

function count (state: State, fact: Told): void {
  if (fact.kind === 'event') return add(state, `e ${fact.entry}`, ['accepted'])
  const { process: name, state: outcome, runMs, waitMs } = fact
  add(state, `p ${name}`, [
    outcome,
    ...runMs === undefined ? [] : [`run_${bucketOf(runMs)}`],
    ...waitMs === undefined ? [] : [`wait_${bucketOf(waitMs)}`]
  ])
}

function add ({ counts }: State, label: string, fields: string[]): void {
  const known = counts.get(label) ?? new Map<string, number>()
  counts.set(label, known)
  for (const field of fields) known.set(field, (known.get(field) ?? 0) + 1)
}

async function flush (state: State): Promise<void> {
  const { ledger, now } = state
  const hour = hourOf(now())
  const counts = state.counts
  if (counts.size > 0) {
    state.counts = new Map()
    const increments = [...counts].flatMap(([label, fields]): Increment[] =>
      [...fields].map(([field, by]) => ({ doc: labelDoc(hour, label), field, by })))
    const labels = [...counts.keys()].map((member) => ({ set: tallies.labels(hour), member, score: 0 }))
    const hours = { set: tallies.hours, member: String(hour), score: hour }
    await ledger.commit({ expect: [], increments, entries: [hours, ...labels] })
  }
  if (hour === state.forgottenAt) return
  state.forgottenAt = hour
  await forget(state, hour)
}

/** One hour after the other goes as it becomes too old. */
async function forget ({ ledger }: State, hour: number): Promise<void> {
  for (const [at, member] of await ledger.list(tallies.hours, { max: hour - KEPT_HOURS * HOUR_MS, limit: 10 })) {
    const labels = (await ledger.list(tallies.labels(at), { limit: 10_000 })).map(([, label]) => label)
    const docs = labels.map((label) => labelDoc(at, label))
    const found = await ledger.get(docs)
    await ledger.commit({
      expect: docs.map((doc, i) => ({ doc, rev: found[i]?.rev ?? 0 })),
      remove: docs,
      entries: [
        { set: tallies.hours, member, remove: true },
        ...labels.map((label) => ({ set: tallies.labels(at), member: label, remove: true as const }))
      ]
    })
  }
}
