import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer as bytesOf } from 'node:stream/consumers'
import type { Store } from '../../../sdk/store/open.ts'
import { writeChunks } from './chunks.ts'
import { countFrequencies, type Frequencies } from './frequencies.ts'
import { FORMAT, MANIFEST, readManifest, writeManifest, type Manifest, type Skipped } from './manifest.ts'
import { findMeetings, readSentences, type Meeting } from './meetings.ts'
import { indexRows, weighedGrams } from './rows.ts'
import { updateAll, updatePending } from './spoken-files.ts'
import { LENGTHS, makeSegment, openSegment, type Length, type Segment } from './segment.ts'

const KEYWORDS = 5

export type BuildOptions = {
  store: Store
  nowMs: number
  decayDays: number
  /** The lengths of grams that are exported as Parquet. */
  lengths: readonly Length[]
  perChunk: number
  signal: AbortSignal
  log: (line: string) => void
  progress: (done: number, total: number, message: string) => void
  /** Runs a part of it under its name. */
  step?: <T>(name: string, run: () => Promise<T>) => Promise<T>
}

type Opened = { meeting: Meeting, segment: Segment }

export type Built = { manifest: Manifest, made: number, rows: number }

/**
 * Builds the index of all transcripts beside the one that is in force, and puts it in its place by one write. The words
 * of a meeting are read again only when its transcripts have changed. What neither the new index nor the one before it
 * uses is removed afterwards: a search that has begun can end.
 */
export async function buildIndex (options: BuildOptions): Promise<Built> {
  const { store, nowMs, decayDays, signal, log, step = async (_name, run) => await run() } = options
  const before = await readManifest(store)
  const skipped: Skipped[] = []
  const skip = (one: Skipped): void => {
    skipped.push(one)
    log(`skipped ${one.event_id}: ${one.reason}`)
  }
  // The search follows at once; the export of all takes its time behind it.
  const found = await step('find the meetings', async () => {
    await updatePending({ store, signal, skip: (eventId, reason) => { skip({ event_id: eventId, reason }) } })
    const all = await findMeetings(store)
    for (const one of all.skipped) skip(one)
    await updateAll(all.meetings, { store, signal, skip: () => {} })
    return all
  })
  const { meetings, made } = await step('read the meetings', async () =>
    await makeSegments(options, found.meetings, skip))
  const frequencies = await step('count the grams', async () =>
    await countFrequencies(opened(options, meetings, 'grams counted')))
  const generation = `${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomUUID().slice(0, 8)}`
  const { chunks, rows } = await step('write the rows', async () =>
    await writeRows(options, meetings, { frequencies, generation }))
  const listed: Manifest['meetings'] = []
  await step('choose the keywords', async () => {
    for await (const { meeting, segment } of opened(options, meetings, 'keywords')) {
      listed.push({ ...meeting, keywords: keywordsOf(segment, frequencies, meetings.length) })
    }
  })
  const manifest: Manifest = {
    format: FORMAT,
    generation,
    built: new Date(nowMs).toISOString(),
    decay_days: decayDays,
    meetings: listed,
    skipped,
    chunks
  }
  await step('put it in force', async () => {
    await writeManifest(store, manifest, signal)
    await removeUnused(store, [manifest, ...(before === undefined ? [] : [before])])
  })
  return { manifest, made, rows }
}

type Made = { meetings: Meeting[], made: number }

/** The meetings whose words are at hand; those of which they are not are skipped. */
async function makeSegments (options: BuildOptions, found: Meeting[], skip: (one: Skipped) => void): Promise<Made> {
  const { store, signal, progress } = options
  const known = new Set(await store.list('index/segments'))
  const meetings: Meeting[] = []
  let made = 0
  for (const [i, meeting] of found.entries()) {
    signal.throwIfAborted()
    progress(i, found.length, 'meetings read')
    const isKnown = known.has(meeting.segment)
    const problem = isKnown ? undefined : await makeSegmentOf(meeting, options)
    if (problem !== undefined) {
      skip({ event_id: meeting.event_id, reason: problem })
      continue
    }
    meetings.push(meeting)
    if (!isKnown) made++
  }
  return { meetings, made }
}

/** Answers why it could not be made. */
async function makeSegmentOf (meeting: Meeting, { store, signal }: BuildOptions): Promise<string | undefined> {
  try {
    const { bytes } = makeSegment(await readSentences(store, meeting.transcripts))
    await store.write(meeting.segment, Readable.from([bytes]), signal)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return (error as Error).message
  }
}

async function * opened (
  { store, signal, progress }: BuildOptions,
  meetings: Meeting[],
  message: string
): AsyncGenerator<Opened> {
  for (const [i, meeting] of meetings.entries()) {
    signal.throwIfAborted()
    progress(i, meetings.length, message)
    yield { meeting, segment: await readSegment(store, meeting.segment) }
  }
}

type Written = { chunks: string[], rows: number }

/** The export: the rows of each length in pieces of their own. */
async function writeRows (
  options: BuildOptions,
  meetings: Meeting[],
  { frequencies, generation }: { frequencies: Frequencies, generation: string }
): Promise<Written> {
  const { store, nowMs, decayDays, lengths, perChunk, signal } = options
  const weighing = { frequencies, meetings: meetings.length, nowMs, decayDays }
  const chunks: string[] = []
  let rows = 0
  for (const length of lengths) {
    const segments = opened(options, meetings, `rows of ${length} ${length === 1 ? 'word' : 'words'}`)
    const folder = `index/${generation}`
    const all = indexRows(segments, length, weighing)
    const written = await writeChunks(store, all, { folder, length, perChunk, signal })
    chunks.push(...written.names)
    rows += written.rows
  }
  return { chunks, rows }
}

export async function readSegment (store: Store, name: string): Promise<Segment> {
  const bytes = await bytesOf(Readable.from(store.read(name)))
  // Numbers of 32 and 64 bits lie in it: it must begin where its buffer does.
  return openSegment(new Uint8Array(bytes))
}

/** The grams of any length that tell a meeting best from the others; of equal ones the first. */
function keywordsOf (segment: Segment, frequencies: Frequencies, meetings: number): string[] {
  const best: Array<{ length: Length, place: number, tfidf: number }> = []
  for (const length of LENGTHS) {
    for (const { place, tfidf } of weighedGrams(segment, length, { frequencies, meetings })) {
      if (best.length === KEYWORDS && tfidf <= (best[KEYWORDS - 1]?.tfidf ?? 0)) continue
      const at = best.findIndex((one) => one.tfidf < tfidf)
      best.splice(at === -1 ? best.length : at, 0, { length, place, tfidf })
      best.length = Math.min(best.length, KEYWORDS)
    }
  }
  return best.map(({ length, place }) => segment.textsAt(length, place).unstemmed)
}

async function removeUnused (store: Store, manifests: Manifest[]): Promise<void> {
  const used = new Set([
    MANIFEST,
    ...manifests.flatMap(({ meetings, chunks }) => [...meetings.map(({ segment }) => segment), ...chunks])
  ])
  const unused: string[] = []
  for await (const { name } of store.walk('index')) if (!used.has(name)) unused.push(name)
  for (const name of unused) await store.remove(name)
}
