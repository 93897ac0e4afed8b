import { Type, type Static, type TProperties } from 'typebox'

/**
 * The documents that come of a meeting, by collection. `…_ref` is the id of a document of another collection,
 * datetimes are seconds since 1970 with their fraction. A field that nothing is known of is absent.
 */

const ref = () => Type.String({ pattern: '^[0-9a-f]{12}$' })
const text = () => Type.String()
const seconds = () => Type.Number()
const some = <T extends TProperties>(properties: T) =>
  Type.Partial(Type.Object({ ...properties, external_source_id: Type.String() }))
const collection = <K extends TProperties, O extends TProperties>(key: K, others: O) => ({
  key: Object.keys(key),
  schema: Type.Intersect([Type.Object({ id: ref(), ...key }), some(others)])
})

export const COLLECTIONS = {
  file: collection({ uri: text() }, { name: text() }),
  body: collection(
    { name: text() },
    { description: text(), start_datetime: seconds(), end_datetime: seconds(), is_active: Type.Boolean() }
  ),
  person: collection(
    { name: text() },
    {
      router_string: text(),
      email: text(),
      phone: text(),
      website: text(),
      picture_ref: ref(),
      is_active: Type.Boolean()
    }
  ),
  seat: collection({ name: text() }, { electoral_area: text(), electoral_type: text(), image_ref: ref() }),
  role: collection(
    { title: text(), person_ref: ref(), body_ref: Type.Union([ref(), Type.Null()]), seat_ref: ref() },
    { start_datetime: seconds(), end_datetime: seconds() }
  ),
  matter: collection({ name: text() }, { matter_type: text(), title: text() }),
  matter_file: collection({ matter_ref: ref(), name: text(), uri: text() }, {}),
  matter_sponsor: collection({ matter_ref: ref(), person_ref: ref() }, {}),
  minutes_item: collection({ name: text() }, { description: text(), matter_ref: ref() }),
  event: collection(
    { body_ref: ref(), event_datetime: seconds() },
    { static_thumbnail_ref: ref(), hover_thumbnail_ref: ref(), agenda_uri: text(), minutes_uri: text() }
  ),
  session: collection(
    { event_ref: ref(), video_uri: text() },
    {
      session_datetime: seconds(),
      session_index: Type.Integer(),
      session_content_hash: text(),
      caption_uri: text(),
      transcript_ref: ref(),
      static_thumbnail_ref: ref(),
      hover_thumbnail_ref: ref()
    }
  ),
  transcript: collection(
    { session_ref: ref(), file_ref: ref() },
    { generator: text(), confidence: Type.Number(), created: seconds(), source: text() }
  ),
  event_minutes_item: collection(
    { event_ref: ref(), minutes_item_ref: ref() },
    { index: Type.Integer(), decision: text() }
  ),
  matter_status: collection(
    { matter_ref: ref(), status: text(), update_datetime: seconds() },
    { event_minutes_item_ref: ref() }
  ),
  event_minutes_item_file: collection({ event_minutes_item_ref: ref(), uri: text() }, { name: text() }),
  vote: collection(
    { matter_ref: ref(), event_ref: ref(), event_minutes_item_ref: ref(), person_ref: ref(), decision: text() },
    { in_majority: Type.Boolean() }
  )
} as const

export type CollectionName = keyof typeof COLLECTIONS
export type StoredDocument<Name extends CollectionName> = Static<typeof COLLECTIONS[Name]['schema']>
/** As it is handed over to be stored: without its id, which is made of its key; what is null says nothing. */
export type DocumentFields<Name extends CollectionName> = {
  [Field in keyof Omit<StoredDocument<Name>, 'id'>]: StoredDocument<Name>[Field] | null
}
