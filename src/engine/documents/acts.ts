import { Type, type Static } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import type { Act } from '../../schemas/parts.ts'
import { createDocuments } from './change.ts'

/** What somebody did to a thing, and when, milliseconds. */
const StoredActSchema = Type.Object({ act: Type.String(), by: Type.String(), at: Type.Number() })
export const StoredActsSchema = Type.Array(StoredActSchema)
export type StoredAct = Static<typeof StoredActSchema>

/** So many of one thing are kept. */
const MOST = 20

export const withAct = (acts: StoredAct[] | undefined, act: StoredAct): StoredAct[] =>
  [...acts ?? [], act].slice(-MOST)

/** Acts as they are told; undefined where there are none. */
export function toActs (acts: StoredAct[] | undefined): Act[] | undefined {
  if (acts === undefined || acts.length === 0) return undefined
  return acts.map(({ act, by, at }) => ({ act, by, at: new Date(at).toISOString() }))
}

/** What is done to things that have no document of their own: queues and processes. */
export interface Acts {
  note: (thing: string, act: StoredAct) => Promise<void>
  read: (things: string[]) => Promise<Array<Act[] | undefined>>
}

export function createActs (ledger: Pick<Ledger, 'get' | 'commit'>): Acts {
  const documents = createDocuments(ledger, Type.Object({ v: Type.Literal(1), acts: StoredActsSchema }), 'list of acts')
  const nameOf = (thing: string): string => `acts:${thing}`
  return {
    note: async (thing, act) => {
      await documents.change(nameOf(thing), (before) => ({ v: 1, acts: withAct(before?.acts, act) }))
    },
    read: async (things) =>
      things.length === 0 ? [] : (await documents.read(things.map(nameOf))).map((found) => toActs(found?.acts))
  }
}
