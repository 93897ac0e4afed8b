import { Type, type Static } from 'typebox'
import { uuidv7 } from 'uuidv7'
import type { Loops } from '../../base/loops.ts'
import type { Ledger } from '../../ledger/contract.ts'
import { createReader, revOf } from '../documents/read.ts'

/** How often a worker gives a sign of life, when it counts as lost, and when it is forgotten. */
const BEAT_MS = 5000
const LOST_MS = 20_000
const FORGET_MS = 3_600_000
const MOST_SHOWN = 100
/** The loop that gives it; jobs are done without. */
export const PRESENCE = 'signs of life'
const MOST_WORKERS = 1000

/** Workers by their ids; score: when they were last seen. */
const WORKERS = 'workers'
const workerDoc = (id: string): string => `worker:${id}`

const PresenceSchema = Type.Object({
  v: Type.Literal(1),
  name: Type.String(),
  host: Type.String(),
  version: Type.String(),
  processes: Type.Array(Type.String()),
  running: Type.Array(Type.Object({ process: Type.String(), job: Type.String(), since: Type.Number() })),
  runningCount: Type.Integer(),
  started: Type.Number()
})
export type Presence = Static<typeof PresenceSchema>
export type Seen = Presence & { id: string, at: number, lost: boolean }

const read = createReader(PresenceSchema, 'worker')

type Settings = {
  ledger: Pick<Ledger, 'get' | 'list' | 'commit'>
  now: () => number
  describe: () => Omit<Presence, 'v' | 'started' | 'runningCount'>
  loops: Loops
}

/** Says of a worker that it is there, until it is closed. */
export function startPresence ({ ledger, now, describe, loops }: Settings): { close: () => Promise<void> } {
  const [id, started] = [uuidv7(), now()]
  const beat = async (): Promise<void> => {
    const { running, ...rest } = describe()
    const shown = { running: running.slice(0, MOST_SHOWN), runningCount: running.length }
    await write(ledger, id, { v: 1, ...rest, ...shown, started }, now())
    await forget(ledger, now())
  }
  const beating = loops.start({ name: PRESENCE, everyMs: BEAT_MS, act: beat })
  beating.soon()
  return {
    close: async () => {
      await beating.close()
      // Where it stays, it counts as lost before long.
      await remove(ledger, id).catch(() => {})
    }
  }
}

async function write (ledger: Settings['ledger'], id: string, value: Presence, at: number): Promise<void> {
  const [found] = await ledger.get([workerDoc(id)])
  await ledger.commit({
    expect: [{ doc: workerDoc(id), rev: revOf(found) }],
    put: [{ doc: workerDoc(id), value }],
    entries: [{ set: WORKERS, member: id, score: at }]
  })
}

async function forget (ledger: Settings['ledger'], now: number): Promise<void> {
  for (const [, id] of await ledger.list(WORKERS, { max: now - FORGET_MS, limit: 10 })) await remove(ledger, id)
}

async function remove (ledger: Settings['ledger'], id: string): Promise<void> {
  const [found] = await ledger.get([workerDoc(id)])
  await ledger.commit({
    expect: [{ doc: workerDoc(id), rev: revOf(found) }],
    remove: [workerDoc(id)],
    entries: [{ set: WORKERS, member: id, remove: true }]
  })
}

/** The one that was seen last first. */
export async function readPresences (ledger: Pick<Ledger, 'get' | 'list'>, now: number): Promise<Seen[]> {
  const members = await ledger.list(WORKERS, { reverse: true, limit: MOST_WORKERS })
  const found = await ledger.get(members.map(([, id]) => workerDoc(id)))
  return members.flatMap(([at, id], i) => {
    const value = read(found[i])?.value
    return value === undefined ? [] : [{ ...value, id, at, lost: now - at > LOST_MS }]
  })
}
