import { errors } from '../base/errors.ts'
import { sets } from '../engine/documents/names.ts'
import { PAUSED } from '../engine/gates/paused.ts'
import { BLOCKS } from '../engine/blocks/blocks.ts'
import type { Ledger } from '../ledger/contract.ts'
import type { Work } from '../queues/work.ts'

/** The queues on which version 0.1 kept its events, and the jobs that waited at gates. */
const EARLIER_QUEUES = ['events', 'gates']

/** What version 0.1 kept as notes: its name there, and the document that it is here. */
const NOTES = [
  { note: 'blocks', doc: BLOCKS },
  { note: 'paused-processes', doc: PAUSED }
]

type Stores = { work: Pick<Work, 'counts' | 'earlierNote'>, ledger: Pick<Ledger, 'get' | 'list' | 'commit'> }

/**
 * Of a datastore that version 0.1 has used, blocks and pauses are taken over once; what it has recorded stays where it
 * is, and is not looked at again.
 *
 * @throws EARLIER_EVENTS where some of its events have not ended: nobody would ever run their jobs
 */
export async function carryOver ({ work, ledger }: Stores): Promise<void> {
  const [newest] = await ledger.list(sets.events, { limit: 1 })
  if (newest !== undefined) return
  const [events, gates] = await work.counts(EARLIER_QUEUES)
  const open = [events, gates].flatMap((counts) => {
    return counts === undefined ? [] : [counts.waiting + counts.active + counts.delayed + counts.blocked]
  })
  const count = Math.max(...open)
  if (count > 0) throw errors.earlierEvents(count)
  for (const { note, doc } of NOTES) {
    const [known] = await ledger.get([doc])
    const value = known === undefined ? await work.earlierNote(note) : undefined
    if (typeof value !== 'object' || value === null) continue
    // Whoever was faster has taken over the same.
    await ledger.commit({ expect: [{ doc, rev: 0 }], put: [{ doc, value: { v: 1, ...value } }] })
  }
}
