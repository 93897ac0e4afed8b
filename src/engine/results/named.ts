import type { Loops, RunningLoop } from '../../base/loops.ts'
import type { Ledger } from '../../ledger/contract.ts'
import { sets } from '../documents/names.ts'
import { readAll } from '../documents/paging.ts'
import type { Lookups } from '../lookups/lookups.ts'

/** How often each role says which processes its lookups name. */
const NAME_MS = 60_000
/** One that nobody has named for so long is gone: while lookups are exchanged, roles have different ones. */
const GONE_MS = 5 * NAME_MS
const MOST = 100_000

type Naming = { ledger: Pick<Ledger, 'commit'>, lookups: () => Lookups, now: () => number }

export async function nameProcesses ({ ledger, lookups, now }: Naming): Promise<void> {
  const score = now()
  const names = [...lookups().processes.keys()]
  await ledger.commit({ expect: [], entries: names.map((member) => ({ set: sets.processes, member, score })) })
}

/** Says it at once, with every reload, and again and again. */
export async function startNaming (
  naming: Naming,
  onLookups: (listener: () => void) => void,
  loops: Loops
): Promise<RunningLoop> {
  const act = (): Promise<void> => nameProcesses(naming)
  await act()
  const loop = loops.start({ name: 'names of processes', everyMs: NAME_MS, act })
  onLookups(() => { loop.soon() })
  return loop
}

/** All processes that may have jobs, and whether they are gone from all lookups. */
export async function listProcesses (
  ledger: Pick<Ledger, 'list'>,
  { processes }: Lookups,
  now: number
): Promise<Array<{ process: string, isGone: boolean }>> {
  const all = await readAll(ledger, sets.processes, MOST)
  const named = await ledger.list(sets.processes, { min: now - GONE_MS, limit: MOST })
  const fresh = new Set(named.map(([, name]) => name))
  const names = new Set([...processes.keys(), ...all])
  return [...names].map((name) => ({ process: name, isGone: !processes.has(name) && !fresh.has(name) }))
}
