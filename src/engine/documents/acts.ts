import { Type, type Static } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import type { Act } from '../../schemas/parts.ts'
import { createDocuments } from './change.ts'
import { createReader } from './read.ts'

/** What somebody did to a thing, when, milliseconds, and why. */
const StoredActSchema = Type.Object({
  act: Type.String(),
  by: Type.String(),
  at: Type.Number(),
  note: Type.Optional(Type.String())
})
export const StoredActsSchema = Type.Array(StoredActSchema)
export type StoredAct = Static<typeof StoredActSchema>

/** So many of one thing are kept. */
const MOST = 20

export const withAct = (acts: StoredAct[] | undefined, act: StoredAct): StoredAct[] =>
  [...acts ?? [], act].slice(-MOST)

/** Acts as they are told; undefined where there are none. */
export function toActs (acts: StoredAct[] | undefined): Act[] | undefined {
  if (acts === undefined || acts.length === 0) return undefined
  return acts.map(({ act, by, at, note }) => ({ act, by, at: new Date(at).toISOString(), note }))
}

/** ` by NAME: NOTE` of who did just that last, for a sentence; empty where nobody did. */
export function byWords (acts: Act[] | undefined, act: string): string {
  const last = acts?.findLast((one) => one.act === act)
  if (last === undefined) return ''
  return ` by ${last.by}${last.note === undefined ? '' : `: ${last.note}`}`
}

export const processThing = (name: string): string => `process:${name}`
export const queueThing = (queue: string): string => `queue:${queue}`

/** What is done to things that have no document of their own: queues and processes. */
export interface Acts {
  note: (thing: string, act: StoredAct) => Promise<void>
  read: (things: string[]) => Promise<Array<Act[] | undefined>>
}

const ActsSchema = Type.Object({ v: Type.Literal(1), acts: StoredActsSchema })
const nameOf = (thing: string): string => `acts:${thing}`

const readDocument = createReader(ActsSchema, 'list of acts')

/** What was done to a queue or a process. */
export async function readActs (ledger: Pick<Ledger, 'get'>, thing: string): Promise<Act[] | undefined> {
  const [found] = await ledger.get([nameOf(thing)])
  return toActs(readDocument(found)?.value.acts)
}

export function createActs (ledger: Pick<Ledger, 'get' | 'commit'>): Acts {
  const documents = createDocuments(ledger, ActsSchema, 'list of acts')
  return {
    note: async (thing, act) => {
      await documents.change(nameOf(thing), (before) => ({ v: 1, acts: withAct(before?.acts, act) }))
    },
    read: async (things) =>
      things.length === 0 ? [] : (await documents.read(things.map(nameOf))).map((found) => toActs(found?.acts))
  }
}
