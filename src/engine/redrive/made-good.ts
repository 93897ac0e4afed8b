import { jobIdOf } from '../../base/event.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Found } from '../dispatch/facts.ts'
import { readJobDocument } from '../documents/job.ts'
import { jobDoc, keyOfReplayed, sets } from '../documents/names.ts'
import { readStoredEvents } from '../history/find.ts'
import { readTreeCounts } from '../history/tree-counts.ts'

type Reads = Pick<Ledger, 'get' | 'list' | 'count'>

/** Replays of one event that are looked at, the latest first, and how far replays of replays are followed. */
const MOST = 20
const DEEPEST = 5
/** Up to so many replays, or as many as there are jobs to ask for, are known sooner from the one list of them all. */
const FEW = 100

/**
 * By the id of a failed job, the event that has made its failure good: a replay (or a later try of a window) of its
 * event, or of one above it, of which all is complete; or in which the same process has done its work.
 */
export async function findRemedies (ledger: Reads, found: Found[]): Promise<Map<string, string>> {
  const limit = Math.max(FEW, found.length)
  const replays = await ledger.list(sets.allReplays, { limit })
  if (replays.length === 0) return new Map()
  const lines = await Promise.all(found.map((one) => lineOf(ledger, one)))
  const replayed = replays.length < limit
    ? new Set(replays.map(([, member]) => keyOfReplayed(member)))
    : await readReplayed(ledger, [...new Set(lines.flat())])
  const remedies = await Promise.all(found.map(async ({ key, job }, i) => {
    for (const one of (lines[i] ?? []).filter((key) => replayed.has(key))) {
      const remedy = await remedyOf(ledger, one, one === key ? job.process : undefined)
      if (remedy !== undefined) return [[job.id, remedy] as const]
    }
    return []
  }))
  return new Map(remedies.flat())
}

async function readReplayed (ledger: Reads, keys: string[]): Promise<Set<string>> {
  const counts = keys.length === 0 ? [] : await ledger.count(keys.map(sets.replays))
  return new Set(keys.filter((_, i) => (counts[i] ?? 0) > 0))
}

/** The event of a job and all above it. */
async function lineOf (ledger: Reads, { key, event }: Found): Promise<string[]> {
  const line = [key]
  for (let above = event.cause?.event; above !== undefined;) {
    line.push(above)
    if (above === event.root) break
    const [found] = await readStoredEvents(ledger, [above])
    above = found?.value.cause?.event
  }
  return line
}

/** `processName`: what is to have done its work, where not all has to be complete. */
async function remedyOf (
  ledger: Reads,
  key: string,
  processName: string | undefined,
  depth = 1
): Promise<string | undefined> {
  const members = await ledger.list(sets.replays(key), { limit: MOST, reverse: true })
  const found = await readStoredEvents(ledger, members.map(([, member]) => member))
  const replays = found.filter((one) => one !== undefined)
  const trees = await readTreeCounts(ledger, replays)
  const complete = replays.find((_, i) => trees[i]?.status === 'complete')
  if (complete !== undefined) return complete.key
  for (const replay of replays) {
    if (processName !== undefined && await hasDone(ledger, jobIdOf(replay.key, processName))) return replay.key
    const later = depth < DEEPEST ? await remedyOf(ledger, replay.key, processName, depth + 1) : undefined
    if (later !== undefined) return later
  }
  return undefined
}

async function hasDone (ledger: Reads, job: string): Promise<boolean> {
  const [found] = await ledger.get([jobDoc(job)])
  return readJobDocument(found)?.value.state === 'complete'
}
