import { Type } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import { createReader, revOf } from '../documents/read.ts'

export const PAUSED = 'paused'
/** Tells workers that the paused processes have changed. */
export const PAUSES_TOPIC = 'pauses'

const readDocument = createReader(
  Type.Object({ v: Type.Literal(1), names: Type.Array(Type.String()) }),
  'list of paused processes'
)

/** The processes that are paused, whatever queue they share. */
export async function pausedNames (ledger: Pick<Ledger, 'get'>): Promise<string[]> {
  const [found] = await ledger.get([PAUSED])
  return readDocument(found)?.value.names ?? []
}

export async function readPaused (
  ledger: Pick<Ledger, 'get'>,
  name: string
): Promise<{ isPaused: boolean, rev: number }> {
  const [found] = await ledger.get([PAUSED])
  return { isPaused: readDocument(found)?.value.names.includes(name) === true, rev: revOf(found) }
}

/** Pauses or resumes a process; harmless when repeated. */
export async function writePaused (
  ledger: Pick<Ledger, 'get' | 'commit'>,
  name: string,
  isPaused: boolean
): Promise<void> {
  for (;;) {
    const [found] = await ledger.get([PAUSED])
    const names = readDocument(found)?.value.names ?? []
    if (names.includes(name) === isPaused) return
    const others = names.filter((one) => one !== name)
    const value = { v: 1, names: isPaused ? [...others, name] : others }
    const { ok } = await ledger.commit({
      expect: [{ doc: PAUSED, rev: revOf(found) }],
      put: [{ doc: PAUSED, value }]
    })
    if (ok) return
  }
}
