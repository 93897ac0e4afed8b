import { Type, type Static } from 'typebox'
import {
  MeetingSchema, MeetingTranscriptSchema, readMeeting, readSessionTranscript, type MeetingTranscriptView,
  type MeetingView
} from './meeting-view.ts'
import { errors } from '../../base/errors.ts'
import { defineQuery, type QueryContext } from '../../sdk/pipeline.ts'
import type { Store } from '../../sdk/store/store.ts'

const tag = { name: 'council meetings', description: 'What was said in them' }
const MeetingId = Type.String({ pattern: '^[0-9a-f]{12}$', description: 'Of the document in the collection event' })

const MeetingParamsSchema = Type.Object({ id: MeetingId }, { additionalProperties: false })

/** A meeting: `GET /councils/meetings/:id`, `GET /meeting?id=`, `signalbox meeting ID`. */
export const meetingQuery = defineQuery<Static<typeof MeetingParamsSchema>, MeetingView>({
  name: 'meeting',
  path: 'councils/meetings/:id',
  summary: 'A council meeting: its sessions, items, decisions and votes',
  tag,
  params: MeetingParamsSchema,
  answer: MeetingSchema,
  create:
    (context) =>
      async ({ id }) =>
        await withStore(context, async (store) => await readMeeting(store, id), `meeting ${id}`),
  command: {
    summary: 'A council meeting: its sessions, items, decisions and votes',
    positionals: { id: 'ID' },
    options: {},
    examples: ['signalbox meeting 6291946d4094'],
    print: ({ body, event_datetime: at, sessions, items }, { bold, dim, plain }) => [
      `${bold(plain(body))}  ${at}`,
      ...sessions.map(
        ({ session_index: index, video_uri: uri, sentences }) =>
          `  session ${index}  ${sentences} sentences  ${dim(plain(uri))}`
      ),
      ...items.map(
        ({ name, decision, votes }) =>
          `  ${plain(name)}${decision === null ? '' : `  ${decision}`}${votes.length === 0 ? '' : dim(`  ${votes.length} votes`)}`
      )
    ]
  }
})

const TranscriptParamsSchema = Type.Object(
  {
    id: MeetingId,
    session: Type.Optional(
      Type.Integer({ minimum: 0, default: 0, description: 'Its place among the sessions of the meeting' })
    ),
    format: Type.Optional(
      Type.Union([Type.Literal('json'), Type.Literal('vtt'), Type.Literal('text')], {
        default: 'json',
        description: 'As `transcript`, or as `text` in WebVTT or in lines'
      })
    )
  },
  { additionalProperties: false }
)

/**
 * The transcript in force: `GET /councils/meetings/:id/transcript`, `GET /transcript?id=`, `signalbox transcript ID`.
 */
export const transcriptQuery = defineQuery<Static<typeof TranscriptParamsSchema>, MeetingTranscriptView>({
  name: 'transcript',
  path: 'councils/meetings/:id/transcript',
  summary: 'The transcript that is in force for a session of a council meeting',
  tag,
  params: TranscriptParamsSchema,
  answer: MeetingTranscriptSchema,
  create:
    (context) =>
      async ({ id, session = 0, format = 'json' }) =>
        await withStore(
          context,
          async (store) => await readSessionTranscript(store, id, session, format),
        `transcript of session ${session} of meeting ${id}`
        ),
  command: {
    summary: 'The transcript that is in force for a session of a council meeting',
    positionals: { id: 'ID' },
    options: {
      session: { value: 'NUMBER', help: 'its place among the sessions; 0 by default' },
      format: { value: 'FORM', help: 'json, vtt or text; json by default' }
    },
    examples: ['signalbox transcript 6291946d4094 --format vtt'],
    print: ({ text, transcript }, { plain }) =>
      text === null
        ? (transcript?.sentences ?? []).map((one) => plain(one.text))
        : text.trimEnd().split('\n').map(plain)
  }
})

/** @throws NOT_FOUND where there is no such thing */
async function withStore<T> (
  { openStore }: QueryContext,
  read: (store: Store) => Promise<T | undefined>,
  what: string
): Promise<T> {
  const store = await openStore()
  try {
    const found = await read(store)
    if (found === undefined) throw errors.notFound(what)
    return found
  } finally {
    store.close()
  }
}
