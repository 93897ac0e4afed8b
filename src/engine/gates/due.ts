import type { Core } from '../dispatch/core.ts'
import { commit } from '../dispatch/core.ts'
import { createDraft } from '../documents/draft.ts'
import { AT, dueMember, gateOfDue, gatesOf, sets } from '../documents/names.ts'
import { lookAt, type Looking } from './look.ts'

/** Whoever has given the cause looks at once himself: what is older than this has been left behind. */
const LEFT_MS = 1000
const PAGE = 500

/** Looks at every gate that is due. Answers how many were. */
export async function takeDue (core: Looking, leftMs = LEFT_MS): Promise<number> {
  const now = core.now()
  const entered = await core.ledger.list(sets.due, { max: now, limit: PAGE })
  const gates = new Map<string, string[]>()
  for (const [at, member] of entered) {
    const gate = gateOfDue(member)
    if (at <= now - leftMs || member === dueMember(gate, AT)) gates.set(gate, [...gates.get(gate) ?? [], member])
  }
  for (const [gate, causes] of gates) await lookAt(core, gate, causes)
  return gates.size
}

/** Has all gates looked at where somebody waits, of one process or of all: rules have changed, or a process goes on. */
export async function wakeGates (
  core: Pick<Core, 'ledger' | 'now' | 'woken'>,
  nonce: string,
  processName?: string
): Promise<void> {
  const prefix = processName === undefined ? 'gate:' : gatesOf(processName)
  for (let after: [number, string] = [0, prefix]; ;) {
    const page = await core.ledger.list(sets.gates, { after, limit: PAGE })
    const draft = createDraft()
    for (const [, gate] of page) if (gate.startsWith(prefix)) draft.wake(gate, `rules~${nonce}`, core.now())
    await commit(core, draft)
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined || !last[1].startsWith(prefix)) return
    after = last
  }
}
