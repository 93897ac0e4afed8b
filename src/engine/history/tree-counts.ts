import type { Ledger } from '../../ledger/contract.ts'
import type { EventStatus } from '../../schemas/events.ts'
import { readJobDocument } from '../documents/job.ts'
import { eventDoc, jobDoc } from '../documents/names.ts'
import { readEventStatuses } from './event-status.ts'
import { readStoredEvents, type StoredEvent } from './find.ts'
import { overall } from './seen-tree.ts'

/** What an event came to with all that followed from it. */
export type TreeCounts = { status: EventStatus, open: number, failed: number }

/** Events below those of a page that are read; of larger trees the counters of the root are told. */
const MOST_READ = 2000

type Counts = Record<string, number>

/**
 * In the order asked for. The counters of a root know all of its tree; below a follow-on event is looked only where its
 * tree is not complete, and below a root only where work was taken over by jobs of other trees.
 */
export async function readTreeCounts (ledger: Pick<Ledger, 'get'>, events: StoredEvent[]): Promise<TreeCounts[]> {
  const roots = await readRoots(ledger, events)
  const budget = { left: MOST_READ }
  return await Promise.all(events.map(async (event) => {
    const counts = roots.get(event.value.root) ?? event.counts
    const isRoot = event.value.root === event.key
    if (isPlain(counts) && (isRoot || isComplete(counts))) return countsOf(counts)
    const below = await readBelow(ledger, event, budget)
    return below === undefined ? cautious(counts) : await sumOf(ledger, below)
  }))
}

/** By the keys of events that are there. */
export async function readTreeStatuses (
  ledger: Pick<Ledger, 'get'>,
  keys: string[]
): Promise<Map<string, EventStatus>> {
  if (keys.length === 0) return new Map()
  const events = (await readStoredEvents(ledger, keys)).filter((one) => one !== undefined)
  const trees = await readTreeCounts(ledger, events)
  return new Map(events.flatMap(({ key }, i) => {
    const tree = trees[i]
    return tree === undefined ? [] : [[key, tree.status] as const]
  }))
}

async function readRoots (ledger: Pick<Ledger, 'get'>, events: StoredEvent[]): Promise<Map<string, Counts>> {
  const known = new Map(events.map(({ key, counts }) => [key, counts]))
  const missing = [...new Set(events.map(({ value }) => value.root).filter((root) => !known.has(root)))]
  const found = missing.length === 0 ? [] : await ledger.get(missing.map(eventDoc))
  for (const [i, root] of missing.entries()) known.set(root, found[i]?.counts ?? {})
  return known
}

/** Whether no job of the tree has its work done by another one. */
const isPlain = (counts: Counts): boolean => (counts['tree_absorbed'] ?? 0) === 0

function countsOf (counts: Counts): TreeCounts {
  const [open, failed] = [counts['tree_open'] ?? 0, counts['tree_failed'] ?? 0]
  if (open > 0) return { status: 'incomplete', open, failed }
  if (failed > 0) return { status: 'failed', open, failed }
  return { status: (counts['tree_cancelled'] ?? 0) > 0 ? 'cancelled' : 'complete', open, failed }
}

const isComplete = (counts: Counts): boolean => countsOf(counts).status === 'complete'

/** What jobs of other trees have come to is not known: it is not said that all is done. */
function cautious (counts: Counts): TreeCounts {
  const told = countsOf(counts)
  return told.status === 'complete' ? { ...told, status: 'incomplete' } : told
}

/** The event and all below it; undefined where that is more than there is room for. */
async function readBelow (
  ledger: Pick<Ledger, 'get'>,
  top: StoredEvent,
  budget: { left: number }
): Promise<StoredEvent[] | undefined> {
  const all = [top]
  for (let level = [top]; level.length > 0;) {
    const jobs = level.flatMap(({ value }) => value.jobs)
    if (budget.left <= 0) return undefined
    const documents = jobs.length === 0 ? [] : await ledger.get(jobs.map(({ id }) => jobDoc(id)))
    const events = documents.flatMap((found) => readJobDocument(found)?.value.events ?? [])
    const keys = events.flatMap(({ key }) => key ?? [])
    budget.left -= keys.length
    if (budget.left < 0) return undefined
    level = keys.length === 0 ? [] : (await readStoredEvents(ledger, keys)).filter((one) => one !== undefined)
    all.push(...level)
  }
  return all
}

async function sumOf (ledger: Pick<Ledger, 'get'>, events: StoredEvent[]): Promise<TreeCounts> {
  const sum = (field: string): number => events.reduce((total, { counts }) => total + (counts[field] ?? 0), 0)
  return { status: overall(await readEventStatuses(ledger, events)), open: sum('open'), failed: sum('failed') }
}
