import type { Document, Ledger } from '../../ledger/contract.ts'
import { pieceOf, readEventDocument, readPiece, type EventDocument, type EventJob } from '../documents/event.ts'
import { readJobDocument } from '../documents/job.ts'
import { eventDoc, eventOfJob, jobDoc, pieceDoc, processOfJob } from '../documents/names.ts'
import { countOf, revOf, type Stored } from '../documents/read.ts'
import type { JobFacts } from './ending.ts'

type Reads = Pick<Ledger, 'get'>

/** An event with all its jobs. */
export async function readEvent (ledger: Reads, key: string): Promise<Stored<EventDocument> | undefined> {
  const [found] = await readEvents(ledger, [key])
  return found
}

export async function readEvents (ledger: Reads, keys: string[]): Promise<Array<Stored<EventDocument> | undefined>> {
  const found = (await ledger.get(keys.map(eventDoc))).map(readEventDocument)
  return await Promise.all(
    found.map(async (stored, i) =>
      stored === undefined ? undefined : await withPieces(ledger, keys[i] ?? '', stored)
    )
  )
}

async function withPieces (ledger: Reads, key: string, stored: Stored<EventDocument>): Promise<Stored<EventDocument>> {
  const { pieces } = stored.value
  if (pieces === undefined) return stored
  const found = await ledger.get(Array.from({ length: pieces }, (_, piece) => pieceDoc(key, piece)))
  const listed = found.flatMap((piece) => readPiece(piece)?.value.jobs ?? []).sort((a, b) => a.place - b.place)
  return { ...stored, value: { ...stored.value, jobs: listed.map(({ job }) => job) } }
}

/**
 * `counts`: the counters of its event; `steps`: above 0 where the job has told of steps; `told`: notices of its end.
 */
export type Found = JobFacts & {
  counts: Record<string, number>
  steps: number
  told: { sent: number, failed: number }
}

/** Counter of the document of a job that has told of steps or artefacts: of the others nobody asks for them. */
export const STEPS = 'steps'
/** Likewise: notices of its end that were sent, and that were given up. */
export const NOTICES_SENT = 'notices_sent'
export const NOTICES_FAILED = 'notices_failed'

/** Of each job what a decision needs; undefined where the event is gone, or has no such job. */
export async function readJobs (ledger: Reads, ids: string[]): Promise<Array<Found | undefined>> {
  const docs = await ledger.get(ids.flatMap(docsOf))
  return await Promise.all(ids.map((id, i) => toFound(ledger, id, docs[2 * i], docs[2 * i + 1])))
}

const docsOf = (id: string): [job: string, event: string] => [jobDoc(id), eventDoc(eventOfJob(id))]

/** How many notices of the end of a job were sent, and how many given up. */
export function toldOf (document: Document | undefined): Found['told'] {
  return { sent: countOf(document, NOTICES_SENT), failed: countOf(document, NOTICES_FAILED) }
}

export async function readJob (ledger: Reads, id: string): Promise<Found | undefined> {
  const [document, event] = await ledger.get(docsOf(id))
  return toFound(ledger, id, document, event)
}

/** Not at once only where the jobs of its event stand in pieces. */
function toFound (
  ledger: Reads,
  id: string,
  document: Document | undefined,
  eventDocument: Document | undefined
): Found | undefined | Promise<Found | undefined> {
  const stored = readEventDocument(eventDocument)
  if (stored === undefined) return undefined
  const { value: event, counts } = stored
  const found = (jobs: EventJob[]): Found | undefined => {
    const job = jobs.find((one) => one.id === id)
    if (job === undefined) return undefined
    const facts = { key: eventOfJob(id), event, job, rev: revOf(document), document: readJobDocument(document)?.value }
    return { ...facts, counts, steps: countOf(document, STEPS), told: toldOf(document) }
  }
  return event.pieces === undefined ? found(event.jobs) : pieceJobs(ledger, id, event.pieces).then(found)
}

async function pieceJobs (ledger: Reads, id: string, pieces: number): Promise<EventJob[]> {
  const [piece] = await ledger.get([pieceDoc(eventOfJob(id), pieceOf(processOfJob(id), pieces))])
  return readPiece(piece)?.value.jobs.map(({ job }) => job) ?? []
}

/** How many follow-on events there are under a root. */
export async function countUnder (ledger: Reads, root: string): Promise<number> {
  const [found] = await ledger.get([eventDoc(root)])
  return countOf(found, 'tree_events')
}

/**
 * The revisions of documents that a draft puts as new and that were there once; none where one of them is there now.
 */
export async function revisionsOf (ledger: Reads, docs: string[]): Promise<Map<string, number>> {
  const found = await ledger.get(docs)
  return new Map(docs.flatMap((doc, i) => found[i]?.value === undefined ? [[doc, revOf(found[i])]] : []))
}
