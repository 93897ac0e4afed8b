import type { Ledger } from '../../ledger/contract.ts'
import { revOf, type Stored } from '../documents/read.ts'
import { BACKFILLS_SET, isOld, readBackfillState, stateName, toDriver, type BackfillState } from './state.ts'

type Changed = { state: BackfillState | undefined, isMine: boolean }

/** What is kept of backfills. */
export type BackfillStore = Pick<Ledger, 'get' | 'commit' | 'list'>

export async function readStates (
  ledger: Pick<Ledger, 'get'>,
  ids: string[]
): Promise<Array<Stored<BackfillState> | undefined>> {
  return (await ledger.get(ids.map(stateName))).map(readBackfillState)
}

/** Writes the state of a new backfill with its place in the list and the job that drives it, in one step; once. */
export async function writeNew (ledger: BackfillStore, id: string, state: BackfillState): Promise<Changed> {
  const doc = stateName(id)
  for (;;) {
    const [found] = await ledger.get([doc])
    const known = readBackfillState(found)
    if (known !== undefined) return { state: known.value, isMine: false }
    const { ok } = await ledger.commit({
      expect: [{ doc, rev: revOf(found) }],
      put: [{ doc, value: state }],
      entries: [{ set: BACKFILLS_SET, member: id, score: Date.parse(state.created) }],
      enqueue: [toDriver(id, state.run)]
    })
    if (ok) return { state, isMine: true }
  }
}

/**
 * Changes a state, again where somebody else was faster; a run that is new gets its job in the same
 * step. Answers what is there then; undefined where there is no such backfill.
 */
export async function changeState (
  ledger: BackfillStore,
  id: string,
  change: (state: BackfillState) => BackfillState
): Promise<BackfillState | undefined> {
  const doc = stateName(id)
  for (;;) {
    const [found] = await ledger.get([doc])
    const before = readBackfillState(found)
    if (before === undefined) return undefined
    const after = change(before.value)
    if (after === before.value) return after
    const enqueue = after.run === before.value.run ? [] : [toDriver(id, after.run)]
    const { ok } = await ledger.commit({ expect: [{ doc, rev: before.rev }], put: [{ doc, value: after }], enqueue })
    if (ok) return after
  }
}

/** Removes what has ended long ago. Answers how many were looked at. */
export async function forgetOld (ledger: BackfillStore, retentionMs: number, now: number): Promise<number> {
  const members = await ledger.list(BACKFILLS_SET, { limit: 100 })
  const states = await readStates(ledger, members.map(([, id]) => id))
  for (const [i, [, id]] of members.entries()) {
    const found = states[i]
    if (found !== undefined && !isOld(found.value, retentionMs, now)) continue
    const expect = found === undefined ? [] : [{ doc: stateName(id), rev: found.rev }]
    const remove = found === undefined ? [] : [stateName(id)]
    await ledger.commit({ expect, remove, entries: [{ set: BACKFILLS_SET, member: id, remove: true }] })
  }
  return members.length
}
