import { Type, type Static } from 'typebox'
import { TranscriptSchema, type Transcript } from './transcript.ts'

/**
 * The hand-overs among the processes of council meetings, as the `data` of events. `subject` is the document id of the
 * event in all of them but the first.
 *
 * | event | from | starts |
 * |---|---|---|
 * | gather_due, special_event | a schedule, a backfill, people | gather |
 * | event_gathered, one per meeting | gather | store_event |
 * | session_gathered, one per session | gather | transcribe |
 * | event_stored | store_event | index, coalesced |
 * | transcript_stored | transcribe, correct_transcript | index, coalesced |
 * | transcript_corrected | people | correct_transcript |
 */

const id = (description: string) => Type.String({ pattern: '^[0-9a-f]{12}$', description })
const nullable = (description: string, rules: { pattern?: string } = {}) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description, ...rules })
const TIME = { pattern: '^\\d{1,2}(:[0-5]\\d){2}$' }

export const GatherDueDataSchema = Type.Object({
  begin: Type.Optional(nullable('Begin of the range, ISO 8601; two days before now where nothing is said')),
  end: Type.Optional(nullable('End of the range, not within; now where nothing is said')),
  force: Type.Optional(Type.Boolean({ description: 'Also what was gathered before and has not changed' }))
})
export type GatherDueData = Static<typeof GatherDueDataSchema>

/** The kept form of a session (`Session` of model.ts). */
export const GatheredSessionSchema = Type.Object({
  session_datetime: Type.Number({ description: 'Seconds since 1970' }),
  video_uri: Type.String({
    minLength: 1,
    description: 'Video: an http(s) address, .m3u8 too, or a path under SIGNALBOX_INPUTS'
  }),
  session_index: Type.Integer(),
  /** Before the end where both are given. */
  video_start_time: nullable('Where in the video it begins, HH:MM:SS', TIME),
  video_end_time: nullable('Where it ends, likewise', TIME),
  caption_uri: nullable('Captions: WebVTT, SRT or TTML, from where a video may come from'),
  external_source_id: nullable('Its id in the system of the city')
})

export const SessionGatheredDataSchema = Type.Object({
  event_id: id('Id of the document of the event'),
  body_id: id('Id of the document of the body'),
  body_name: Type.String({ description: 'Who meets' }),
  /** That of the session with the lowest index. */
  event_datetime: Type.Number({ description: 'Seconds since 1970' }),
  session_index: Type.Integer(),
  session: GatheredSessionSchema,
  session_digest: Type.String({ description: 'Changes with anything that the session says' }),
  static_thumbnail_uri: nullable('Given for the event: then none is made'),
  hover_thumbnail_uri: nullable('Likewise'),
  force: Type.Boolean({ description: 'Do not use what an earlier run has left' })
})
export type SessionGatheredData = Static<typeof SessionGatheredDataSchema>

export const EventGatheredDataSchema = Type.Object({
  event_id: id('Of the document in the collection event'),
  body_name: Type.String(),
  event_datetime: Type.Number({ description: 'Seconds since 1970' }),
  event_file: Type.String({
    pattern: '^gathered/[0-9a-f]{12}\\.json$',
    description: 'Where the whole of it lies in the store'
  })
})
export type EventGatheredData = Static<typeof EventGatheredDataSchema>

export const TranscriptStoredDataSchema = Type.Object({
  event_id: id('Of the document in the collection event'),
  session_id: id('Of the document in the collection session'),
  transcript_file: Type.String({ minLength: 1, description: 'Its name in the store' }),
  content_hash: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the video' }),
  generator: Type.String(),
  confidence: Type.Number({ minimum: 0, maximum: 1 })
})
export type TranscriptStoredData = Static<typeof TranscriptStoredDataSchema>

export const TranscriptCorrectedDataSchema = Type.Object({
  session_id: Type.String({ pattern: '^[0-9a-f]{12}$', description: 'Of the document in the collection session' }),
  transcript: Type.Optional(
    Type.Unsafe<Transcript>({
      ...TranscriptSchema,
      description: 'The whole transcript, as GET /councils/meetings/transcript answers it'
    })
  ),
  captions: Type.Optional(
    Type.String({ minLength: 1, description: 'Or a caption file as text: WebVTT, SRT and the like' })
  )
})
export type TranscriptCorrectedData = Static<typeof TranscriptCorrectedDataSchema>
