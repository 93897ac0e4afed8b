import type { Ledger } from '../../ledger/contract.ts'
import type { EventTree } from '../../schemas/events.ts'
import { STEPS, toldOf } from '../dispatch/facts.ts'
import { readJobDocument, type JobState } from '../documents/job.ts'
import { jobDoc, roundId, sets } from '../documents/names.ts'
import { readAll, readInParts } from '../documents/paging.ts'
import { countOf } from '../documents/read.ts'
import { readWords } from '../gates/read-words.ts'
import { isAtGate } from '../jobs/cancelling.ts'
import { hasEnded, statusOfJob } from '../jobs/job-status.ts'
import { readSteps } from '../jobs/steps.ts'
import { readAbsorberStates, statusOf } from './event-status.ts'
import { readStoredEvents, type StoredEvent } from './find.ts'
import { overall, type HistoryDependencies, type SeenJob } from './seen-tree.ts'
import { toTree } from './to-tree.ts'

/** Most events that a tree shows, the upper levels first, and most that are read of it. */
const MAX_TREE = 1000
const MAX_READ = 20_000
/** Events read at once, in parts. */
const PIECE = 2000
/** Jobs at gates whose words are looked up; of the others a tree says only that they are deferred. */
const MAX_WORDS = 100
/** Jobs whose steps are shown; of the others GET /jobs/{process}/{id} has them. */
const MAX_STEPPED = 100

/** `depth`: levels of follow-on events below the event; `limit`: events that are shown at most. */
export type TreeOptions = { depth?: number | undefined, limit?: number | undefined }

/** The event itself and all below it, level by level; what is not shown counts in its status too. */
export async function readTree (
  state: HistoryDependencies,
  top: StoredEvent,
  { depth = Infinity, limit = MAX_TREE }: TreeOptions = {}
): Promise<EventTree> {
  const { all, isCut } = await readDescendants(state.ledger, top)
  const nodes = all.filter(({ value }) => value.depth - top.value.depth <= depth).slice(0, Math.min(limit, MAX_TREE))
  const jobs = await readTreeJobs(state, nodes)
  const absorbers = await readAbsorberStates(
    state.ledger,
    [...jobs.values()].flatMap(({ job, document }) => document?.state === 'absorbed' ? [job.id] : [])
  )
  const statuses = new Map(all.map((node) => [node.key, statusOf(node.counts, absorbersOf(node, absorbers))]))
  const tree = toTree({ nodes, known: new Set(all.map(({ key }) => key)), jobs, statuses, isCut, now: state.now() })
  const truncated = isCut || all.length > nodes.length
  if (!truncated) return tree
  return { ...tree, truncated, tree_status: overall([tree.tree_status, ...statuses.values()]) }
}

function absorbersOf ({ value: { jobs } }: StoredEvent, absorbers: ReadonlyMap<string, JobState>): JobState[] {
  return jobs.flatMap(({ id }) => absorbers.get(id) ?? [])
}

/** An event and all below it, level by level; `isCut`: its tree has more than are read. */
export async function readDescendants (
  ledger: Pick<Ledger, 'get' | 'list'>,
  top: StoredEvent
): Promise<{ all: StoredEvent[], isCut: boolean }> {
  const keys = await readAll(ledger, sets.tree(top.value.root), MAX_READ)
  const below = new Map<string, StoredEvent[]>()
  for (let start = 0; start < keys.length; start += PIECE) {
    const read = async (part: string[]) => await readStoredEvents(ledger, part)
    for (const node of await readInParts(keys.slice(start, start + PIECE), read)) {
      const parent = node?.value.cause?.event
      if (node === undefined || parent === undefined) continue
      const siblings = below.get(parent)
      if (siblings === undefined) below.set(parent, [node])
      else siblings.push(node)
    }
  }
  const nodes = [top]
  for (const node of nodes) nodes.push(...below.get(node.key) ?? [])
  return { all: nodes, isCut: keys.length === MAX_READ }
}

async function readTreeJobs (state: HistoryDependencies, nodes: StoredEvent[]): Promise<Map<string, SeenJob>> {
  const { ledger, work, lookups, now } = state
  const jobs = nodes.flatMap(({ value }) => value.jobs)
  const found = await readInParts(jobs.map(({ id }) => jobDoc(id)), async (part) => await ledger.get(part))
  const documents = found.map((one) => readJobDocument(one)?.value)
  const stepped = jobs
    .filter((_, i) => countOf(found[i], STEPS) > 0 && documents[i]?.removed !== true)
    .slice(0, MAX_STEPPED)
  const facts = jobs.map((job, i) => ({ job, document: documents[i] }))
  const queued = facts.filter((one) => !isAtGate(one) && !hasEnded(statusOfJob(one, undefined)))
  const stored =
    queued.length === 0
      ? []
      : await work.get(
        queued.map(({ job, document }) => ({ queue: job.queue, id: roundId(job.id, document?.round ?? 0) }))
      )
  const storedOf = new Map(queued.map(({ job }, i) => [job.id, stored[i]]))
  const atGate = facts.filter(isAtGate).slice(0, MAX_WORDS)
  const words = await Promise.all(atGate.map(async ({ job }) => await readWords(ledger, lookups(), now, job.id)))
  const wordsOf = new Map(atGate.map(({ job }, i) => [job.id, words[i]]))
  const steps = await readSteps(ledger, stepped.map(({ id }) => id))
  const stepsOf = new Map(stepped.map(({ id }, i) => [id, steps[i]]))
  return new Map(
    facts.map(({ job, document }, i) => [
      job.id,
      {
        job,
        document,
        stored: storedOf.get(job.id),
        words: wordsOf.get(job.id) ?? null,
        steps: stepsOf.get(job.id) ?? [],
        told: toldOf(found[i])
      }
    ])
  )
}
