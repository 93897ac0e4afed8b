import { commit, type Core } from '../dispatch/core.ts'
import { readEvents } from '../dispatch/facts.ts'
import { createDraft } from '../documents/draft.ts'
import { hasSettled, readJobDocument, type JobDocument } from '../documents/job.ts'
import { eventDoc, jobDoc, pieceDoc, sets } from '../documents/names.ts'
import { revOf } from '../documents/read.ts'
import { pruning, type PrunedEvent, type PrunedJob } from './pruning.ts'

export type Pruning = Core & {
  /** Removes what else is kept of a job: its log, the list of its files. */
  forgetJob: (job: string) => Promise<void>
}

/** Trees that one call looks at, and events of a tree that are read at once. */
const TREES = 50
const PIECE = 100
/** When a tree is looked at again whose event is still needed by the job that does its work. */
const AGAIN_MS = 3_600_000

/**
 * Removes trees in which nothing is open and that have ended longer ago than `ageMs`, oldest first, in small steps.
 * Events that are to be kept stay, and with them the top of their tree. Answers how many trees it has dealt with; fewer
 * than it may at once means that no more are old enough.
 */
export async function prune (core: Pruning, ageMs: number): Promise<{ trees: number, areMore: boolean }> {
  const old = await core.ledger.list(sets.ended, { max: core.now() - ageMs, limit: TREES })
  await Promise.all(old.map(([, root]) => pruneTree(core, root, ageMs)))
  return { trees: old.length, areMore: old.length === TREES }
}

/**
 * From the bottom: the root, by which the tree is found, goes last. It is read first: a job of it that ends meanwhile,
 * and makes the tree grow, has another revision then.
 */
async function pruneTree (core: Pruning, root: string, ageMs: number): Promise<void> {
  const [top] = await readPruned(core, [root])
  let isKept = top === undefined || top.event.keep === true
  let after: [number, string] | undefined
  do {
    const page = await core.ledger.list(sets.tree(root), { after, limit: PIECE })
    for (const event of await readPruned(core, page.map(([, key]) => key))) {
      if (event.event.keep === true) isKept = true
      else if (await isNeeded(core, event)) return await putOff(core, root, top, ageMs)
      else if (!await removeEvent(core, event)) return
    }
    after = page.length < PIECE ? undefined : page.at(-1)
  } while (after !== undefined)
  if (top === undefined || isKept) return await leaveEnded(core, root, top === undefined)
  if (await isNeeded(core, top)) return await putOff(core, root, top, ageMs)
  const [left] = await core.ledger.list(sets.tree(root), { limit: 1 })
  if (left === undefined) await removeEvent(core, top)
}

/**
 * It is not asked for again; a retry lists it anew when it ends. One that another has removed may have come anew since,
 * and stands in the list by its own right then.
 */
async function leaveEnded (core: Core, root: string, isGone: boolean): Promise<void> {
  const [found] = await core.ledger.get([eventDoc(root)])
  if (isGone && found?.value !== undefined) return
  const draft = createDraft()
  draft.expect(eventDoc(root), revOf(found))
  draft.leave(sets.ended, root)
  await commit(core, draft)
}

/** It makes way for others, unless another has removed it meanwhile. */
async function putOff (core: Core, root: string, top: PrunedEvent | undefined, ageMs: number): Promise<void> {
  const draft = createDraft()
  draft.expect(eventDoc(root), top?.rev ?? 0)
  draft.expectZero(eventDoc(root), 'tree_open')
  draft.enter(sets.ended, root, core.now() - ageMs + AGAIN_MS)
  await commit(core, draft)
}

/** Whether a job that has absorbed one of its jobs has still to run with it, or may be retried. */
async function isNeeded ({ ledger }: Core, { jobs }: PrunedEvent): Promise<boolean> {
  const absorbers = jobs.flatMap(({ document }) => document?.state === 'absorbed' ? document.by ?? [] : [])
  const found = (await ledger.get(absorbers.map(jobDoc))).map(readJobDocument)
  return found.some((absorber) => absorber !== undefined && absorber.value.state !== 'complete')
}

/** Answers whether it is gone; not where a job of it is open again. */
async function removeEvent (core: Pruning, event: PrunedEvent): Promise<boolean> {
  if (event.jobs.some(({ document }) => !hasSettled(document))) return false
  await Promise.all(event.jobs.map(({ job }) => core.forgetJob(job.id)))
  const draft = createDraft()
  pruning(draft, event, core.now())
  if (event.event.root === event.key) draft.expectZero(eventDoc(event.key), 'tree_open')
  return await commit(core, draft)
}

async function readPruned ({ ledger }: Core, keys: string[]): Promise<PrunedEvent[]> {
  const found = await readEvents(ledger, keys)
  return await Promise.all(
    found.flatMap((stored, i) => stored === undefined ? [] : [readOne(ledger, keys[i] ?? '', stored)])
  )
}

type StoredEvent = NonNullable<Awaited<ReturnType<typeof readEvents>>[number]>

async function readOne (ledger: Core['ledger'], key: string, { rev, value: event }: StoredEvent): Promise<PrunedEvent> {
  const count = event.pieces ?? 0
  const docs = await ledger.get([
    ...event.jobs.map(({ id }) => jobDoc(id)),
    ...Array.from({ length: count }, (_, piece) => pieceDoc(key, piece))
  ])
  const jobs = await Promise.all(event.jobs.map(async (job, i): Promise<PrunedJob> => {
    const document = readJobDocument(docs[i])?.value
    const marks = document === undefined ? [] : await readMarks(ledger, job, document, event.at)
    return { job, rev: document === undefined ? 0 : revOf(docs[i]), document, marks }
  }))
  return {
    key,
    rev,
    event,
    jobs,
    pieces: Array.from({ length: count }, (_, piece) => ({ piece, rev: revOf(docs[event.jobs.length + piece]) }))
  }
}

/** A mark of another moment is that of another job. */
async function readMarks (
  ledger: Core['ledger'],
  { holds = [], process: processName }: PrunedJob['job'],
  { state, at, ends = [] }: JobDocument,
  acceptedAt: number
): Promise<string[]> {
  const failures = [{ state, at }, ...ends].filter((end) => end.state === 'failed')
  if (failures.length === 0) return []
  const times = new Set(failures.map((end) => Math.max(end.at, acceptedAt)))
  const lists = await Promise.all(holds.map((gate) => ledger.list(sets.failedUpstream(gate))))
  return holds.filter((_, i) => lists[i]?.some(([score, name]) => name === processName && times.has(score)))
}
