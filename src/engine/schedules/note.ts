import { Type, type Static } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import { StoredActsSchema } from '../documents/acts.ts'
import { createDocuments } from '../documents/change.ts'

/** What processes share about a schedule. `paused` stands over that of the lookup; times are RFC 3339. */
const ScheduleNoteSchema = Type.Object({
  v: Type.Literal(1),
  paused: Type.Optional(Type.Boolean()),
  acts: Type.Optional(StoredActsSchema),
  last: Type.Optional(Type.String()),
  event: Type.Optional(Type.String()),
  problem: Type.Optional(Type.String()),
  /** The last ticks, by the job that makes the event: one that is taken up again makes the same. */
  begun: Type.Optional(Type.Record(Type.String(), Type.String()))
})
export type ScheduleNote = Static<typeof ScheduleNoteSchema>

export interface ScheduleNotes {
  read: (names: string[]) => Promise<Array<ScheduleNote | undefined>>
  change: (name: string, change: (note: ScheduleNote) => ScheduleNote) => Promise<ScheduleNote>
}

const docOf = (schedule: string): string => `schedule:${schedule}`

export function scheduleNotes (ledger: Pick<Ledger, 'get' | 'commit'>): ScheduleNotes {
  const documents = createDocuments(ledger, ScheduleNoteSchema, 'schedule')
  return {
    read: (names) => documents.read(names.map(docOf)),
    change: async (name, change) => {
      const empty: ScheduleNote = { v: 1 }
      return await documents.change(docOf(name), (note = empty) => change(note)) ?? empty
    }
  }
}
