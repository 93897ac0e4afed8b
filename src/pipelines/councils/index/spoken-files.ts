import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer as bytesOf } from 'node:stream/consumers'
import type { Store } from '../../../sdk/store/open.ts'
import { gatheredFile, readGathered } from '../meetings/gathered.ts'
import { readJson, writeJson } from '../model/documents.ts'
import type { IngestionEvent } from '../model/model.ts'
import type { Transcript } from '../model/transcript.ts'
import { findMeeting, type Meeting } from './meetings.ts'
import { makeSpoken, openSpoken, type FieldLine, type Spoken, type SpokenLine } from './spoken.ts'

const FOLDER = 'search/meetings'
/** Told anew whenever a file of a meeting has come or gone. */
const STATE = 'search/state.json'
const PENDING = 'documents/pending_index'
/** The rules by which the files are made; another version makes them anew. */
const VERSION = 1

export type SearchState = { generation: string, built: string }

export const readState = async (store: Store): Promise<SearchState | undefined> =>
  (await readJson(store, STATE)) as SearchState | undefined

/** Names `<event id>-<when>-<digest>.words`: of several of one meeting the last one counts. */
type SpokenFile = { name: string, eventId: string, digest: string }

/** The file of each meeting that is in force. */
export async function listSpoken (store: Store): Promise<Map<string, SpokenFile>> {
  const files = new Map<string, SpokenFile>()
  for (const name of await store.list(FOLDER)) {
    const [, eventId, digest] = /\/([0-9a-f]{12})-[0-9a-z]{9}-([0-9a-f]{16})\.words$/.exec(name) ?? []
    if (eventId !== undefined && digest !== undefined) files.set(eventId, { name, eventId, digest })
  }
  return files
}

export async function readSpoken (store: Store, name: string): Promise<Spoken> {
  // Numbers of 64 bits lie in it: it must begin where its buffer does.
  return openSpoken(new Uint8Array(await bytesOf(Readable.from(store.read(name)))))
}

/** Says that the words or the record of a meeting have changed: the next run of index reads that meeting again. */
export async function markPending (store: Store, eventId: string, signal: AbortSignal): Promise<void> {
  await writeJson(store, `${PENDING}/${eventId}.json`, { event_id: eventId }, signal)
}

type Update = { store: Store, signal: AbortSignal, skip: (eventId: string, reason: string) => void }

/** Reads the meetings again that have changed, and no others, and lets the search know. Answers how many were. */
export async function updatePending ({ store, signal, skip }: Update): Promise<number> {
  const pending = await store.list(PENDING)
  const files = pending.length === 0 ? new Map<string, SpokenFile>() : await listSpoken(store)
  let changed = 0
  for (const name of pending) {
    const eventId = name.slice(name.lastIndexOf('/') + 1, -'.json'.length)
    const meeting = await findMeeting(store, eventId)
    if (meeting !== undefined && await update(meeting, files.get(eventId), { store, signal, skip })) changed++
    await store.remove(name)
  }
  if (changed > 0) await writeState(store, signal)
  return changed
}

/** The same for all meetings; those that are no more are forgotten. */
export async function updateAll (meetings: Meeting[], { store, signal, skip }: Update): Promise<number> {
  const files = await listSpoken(store)
  let changed = 0
  for (const meeting of meetings) {
    signal.throwIfAborted()
    if (await update(meeting, files.get(meeting.event_id), { store, signal, skip })) changed++
    files.delete(meeting.event_id)
  }
  for (const { name } of files.values()) await store.remove(name)
  if (changed > 0 || files.size > 0 || await readState(store) === undefined) await writeState(store, signal)
  return changed
}

async function writeState (store: Store, signal: AbortSignal): Promise<void> {
  await writeJson(
    store,
    STATE,
    { generation: randomUUID(), built: new Date().toISOString() } satisfies SearchState,
    signal
  )
}

/** Writes the file of a meeting if it is another than before. */
async function update (
  meeting: Meeting,
  before: SpokenFile | undefined,
  { store, signal, skip }: Update
): Promise<boolean> {
  const event = (await readGathered(store, gatheredFile(meeting.event_id)))?.event
  const fields =
    event === undefined ? [{ field: 'body' as const, text: meeting.body }] : fieldsOf(event, meeting.body)
  const { segment: _segment, ...told } = meeting
  const digest = createHash('sha256')
    .update(JSON.stringify([VERSION, meeting.segment, told, fields]))
    .digest('hex')
    .slice(0, 16)
  if (before?.digest === digest) return false
  const lines = await linesOf(store, meeting).catch((error: unknown) => {
    skip(meeting.event_id, (error as Error).message)
  })
  if (lines === undefined) return false
  const sessions = meeting.sessions.map(({ file: _file, ...session }) => session)
  const bytes = makeSpoken({
    event_id: meeting.event_id,
    event_datetime: meeting.event_datetime,
    body: meeting.body,
    sessions,
    lines,
    fields
  })
  const when = Date.now().toString(36).padStart(9, '0')
  const name = `${FOLDER}/${meeting.event_id}-${when}-${digest}.words`
  await store.write(name, Readable.from([bytes]), signal)
  if (before !== undefined && before.name !== name) await store.remove(before.name)
  return true
}

async function linesOf (store: Store, { sessions }: Meeting): Promise<SpokenLine[]> {
  const lines: SpokenLine[] = []
  for (const [session, { file }] of sessions.entries()) {
    const transcript = await readJson(store, file) as Partial<Transcript> | undefined
    if (!Array.isArray(transcript?.sentences)) throw new Error(`${file} is no transcript`)
    for (const {
      index,
      text,
      start_time: start = 0,
      end_time: end = 0,
      speaker_name: speaker = null
    } of transcript.sentences) {
      if (typeof text !== 'string') throw new Error(`${file} is no transcript`)
      lines.push({ text, start, end, speaker, session, index })
    }
  }
  return lines
}

/** What the record of a meeting says beside what was spoken, each once. */
function fieldsOf (event: IngestionEvent, body: string): FieldLine[] {
  const lines: FieldLine[] = [{ field: 'body', text: body }]
  for (const { minutes_item: item, matter, votes } of event.event_minutes_items) {
    lines.push({ field: 'item', text: [item.name, item.description].filter((one) => one !== null).join('. ') })
    if (matter !== null) lines.push({ field: 'matter', text: `${matter.name}. ${matter.title}` })
    const people = [...votes.map(({ person }) => person), ...matter?.sponsors ?? []]
    lines.push(...people.map(({ name }): FieldLine => ({ field: 'person', text: name })))
  }
  return [...new Map(lines.map((line) => [JSON.stringify(line), line])).values()]
}
