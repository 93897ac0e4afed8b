import type { Core } from '../dispatch/core.ts'
import { commit } from '../dispatch/core.ts'
import { AT, dueMember, sets } from '../documents/names.ts'
import { decide } from './deciding.ts'
import { readLook } from './read-look.ts'

export type Looking = Core & {
  /** A name that no other look has. */
  nonce: () => string
  /** Asks a running job to stop. */
  stop: (job: string) => Promise<void>
}

/**
 * Looks at a gate until nothing is left to decide there. `causes`: what was due for it before; none
 * of it is due any more once what was decided is written.
 */
export async function lookAt (core: Looking, gate: string, causes: string[]): Promise<void> {
  for (;;) {
    const { draft, stop, again } = decide(await readLook(core, gate, core.nonce()))
    // The one by time is changed with the document only: it may be another's by now.
    for (const cause of causes) if (cause !== dueMember(gate, AT)) draft.leave(sets.due, cause)
    if (!await commit(core, draft)) continue
    for (const job of stop) await core.stop(job)
    if (!again) return
  }
}
