import { Type, type Static } from 'typebox'
import { findMeeting, type MeetingSession } from './index/meetings.ts'
import { linkTo } from './index/moments.ts'
import { gatheredFile, readGathered } from './meetings/gathered.ts'
import { createDocuments, readJson } from './model/documents.ts'
import type { EventMinutesItem } from './model/model.ts'
import { TranscriptSchema, type Transcript } from './model/transcript.ts'
import { itemsInOrder } from './session/known.ts'
import type { Store } from '../../sdk/store/store.ts'

const orNull = (description: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], description })

export const MeetingSchema = Type.Object({
  event_id: Type.String(),
  event_datetime: Type.String({ format: 'date-time' }),
  body: Type.String(),
  external_source_id: orNull('Its id in the system of the city'),
  agenda_uri: orNull('Where the agenda is'),
  minutes_uri: orNull('Where the minutes are'),
  sessions: Type.Array(Type.Object({
    session_id: Type.String(),
    session_index: Type.Integer(),
    video_uri: Type.String(),
    transcript_id: Type.String({ description: 'Of the transcript in force' }),
    sentences: Type.Integer()
  })),
  items: Type.Array(Type.Object({
    name: Type.String(),
    description: orNull('For people'),
    decision: orNull('Passed or Failed'),
    matter: orNull('Its name'),
    votes: Type.Array(Type.Object({ person: Type.String(), decision: Type.String() })),
    session_index: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'Where it is taken up' }),
    start_time: Type.Unsafe<number | null>({ type: ['number', 'null'], description: 'Second of the video there' })
  }), { description: 'Those of the record, in their order' })
}, { $id: 'Meeting' })
export type MeetingView = Static<typeof MeetingSchema>

export const MeetingTranscriptSchema = Type.Object(
  {
    event_id: Type.String(),
    session_id: Type.String(),
    session_index: Type.Integer(),
    transcript_id: Type.String({ description: 'Of the transcript in force' }),
    video_uri: Type.String(),
    transcript: Type.Unsafe<Transcript | null>({
      ...TranscriptSchema,
      type: ['object', 'null'],
      description: 'With format json'
    }),
    text: orNull('With format vtt or text: the whole of it')
  },
  { $id: 'MeetingTranscript' }
)
export type MeetingTranscriptView = Static<typeof MeetingTranscriptSchema>

/** What is known of a meeting, with what is in force; undefined where there is no such meeting. */
export async function readMeeting (store: Store, eventId: string): Promise<MeetingView | undefined> {
  const documents = createDocuments(store)
  const event = await documents.get('event', eventId)
  if (event === undefined) return undefined
  const gathered = (await readGathered(store, gatheredFile(eventId)))?.event
  const sessions = await readSessions(store, eventId)
  const starts = sessions.flatMap(({ starts }) => starts)
  return {
    event_id: eventId,
    event_datetime: new Date(event.event_datetime * 1000).toISOString(),
    body: (await documents.get('body', event.body_ref))?.name ?? '',
    external_source_id: event.external_source_id ?? null,
    agenda_uri: event.agenda_uri ?? null,
    minutes_uri: event.minutes_uri ?? null,
    sessions: sessions.map(({ view }) => view),
    items: gathered === undefined ? [] : itemsInOrder(gathered).map((item) => toItem(item, starts))
  }
}

type Start = { name: string, session_index: number, start_time: number }

/** The sessions that are transcribed, and where in their videos the items begin. */
async function readSessions (
  store: Store,
  eventId: string
): Promise<Array<{ view: MeetingView['sessions'][number], starts: Start[] }>> {
  const sessions = (await findMeeting(store, eventId))?.sessions ?? []
  return await Promise.all(sessions.map(async ({ file, ...session }) => {
    const transcript = await readTranscript(store, file)
    const sentences = transcript?.sentences ?? []
    const starts = (transcript?.annotations?.sections ?? []).map(({ name, start_sentence_index: at }): Start =>
      ({ name, session_index: session.session_index, start_time: sentences[at]?.start_time ?? 0 }))
    return { view: { ...session, sentences: sentences.length }, starts }
  }))
}

/** Each start is that of one item: of several with one name they are taken in their order. */
function toItem (item: EventMinutesItem, starts: Start[]): MeetingView['items'][number] {
  const { minutes_item: { name, description }, decision, matter, votes } = item
  const place = starts.findIndex((start) => start.name === name)
  const [start] = place === -1 ? [] : starts.splice(place, 1)
  return {
    session_index: start?.session_index ?? null,
    start_time: start?.start_time ?? null,
    name,
    description,
    decision,
    matter: matter?.name ?? null,
    votes: votes.map((vote) => ({ person: vote.person.name, decision: vote.decision }))
  }
}

export type TranscriptFormat = 'json' | 'vtt' | 'text'

/** The transcript in force of a session of a meeting; undefined where there is none. */
export async function readSessionTranscript (
  store: Store,
  eventId: string,
  index: number,
  format: TranscriptFormat
): Promise<MeetingTranscriptView | undefined> {
  const session = (await findMeeting(store, eventId))?.sessions.find((one) => one.session_index === index)
  const transcript = session === undefined ? undefined : await readTranscript(store, session.file)
  if (session === undefined || transcript === undefined) return undefined
  const { file: _file, ...own } = session
  const text = format === 'json' ? null : format === 'vtt' ? toVtt(transcript) : toText(transcript, session)
  return { event_id: eventId, ...own, transcript: format === 'json' ? transcript : null, text }
}

const readTranscript = async (store: Store, file: string): Promise<Transcript | undefined> =>
  (await readJson(store, file)) as Transcript | undefined

/**
 * A cue for each sentence; who speaks stands in a voice tag where it is known, else a mark tells
 * that somebody else does.
 */
export function toVtt ({ sentences }: Transcript): string {
  const cues = sentences.map(
    ({ start_time: start, end_time: end, text, speaker_name: name, speaker_index: turn }, i) => {
      const said = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
      const isNew = turn !== null && turn !== undefined && turn !== sentences[i - 1]?.speaker_index
      const voice = name === null || name === undefined ? (isNew ? '>> ' : '') : `<v ${name.replace(/[<>&]/g, '')}>`
      return `${clock(start)} --> ${clock(Math.max(start, end))}\n${voice}${said}\n`
    }
  )
  return `WEBVTT\n\n${cues.join('\n')}`
}

/** A line for each sentence, with the video at its second. */
function toText ({ sentences }: Transcript, { video_uri: uri }: MeetingSession): string {
  return sentences.map(({ start_time: start, text, speaker_name: name }) => `${clock(start).slice(0, 8)}  ${name === null || name === undefined ? '' : `${name}: `}${text}  ${linkTo(uri, start)}\n`).join('')
}

function clock (seconds: number): string {
  const ms = Math.round(seconds * 1000)
  const two = (number: number): string => String(Math.floor(number)).padStart(2, '0')
  return `${two(ms / 3_600_000)}:${two(ms / 60_000 % 60)}:${two(ms / 1000 % 60)}.${String(ms % 1000).padStart(3, '0')}`
}
