import { Type, type Static, type TProperties, type TSchema } from 'typebox'

/**
 * What a city's meeting is told as: the classes of the ingestion model, as a sender may write them.
 * `read-event.ts` makes the kept form of it. The rules that JSON Schema cannot say are there too.
 */

const TIME = '^((((\\d{1,2}:)?[0-5])?\\d:)?[0-5])?\\d$'

const required = (description: string) => Type.String({ pattern: '\\S', description })
const text = (description: string) =>
  Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], description }))
const externalId = () =>
  Type.Optional(
    Type.Unsafe<string | null>({
      type: ['string', 'integer', 'null'],
      description: 'Its id in the system of the city'
    })
  )
const flag = (description: string) =>
  Type.Optional(
    Type.Unsafe<boolean | null>({
      type: ['boolean', 'null'],
      description: `${description}; true where nothing is said`
    })
  )
const MOMENT = 'seconds since 1970, or ISO 8601'
const datetime = (description: string) =>
  Type.Optional(
    Type.Unsafe<number | string | null>({
      type: ['number', 'string', 'null'],
      description: `${description}: ${MOMENT}`
    })
  )
const time = (description: string) =>
  Type.Optional(
    Type.Unsafe<string | null>({
      type: ['string', 'null'],
      pattern: TIME,
      description: `${description}: hours:minutes:seconds, of which leading parts may be left out`
    })
  )

/** A class may be null wherever it is not required; where it is, the reference says so. */
const nullable = <T extends TProperties>(properties: T, description: string) =>
  ({ ...Type.Object(properties, { description }), type: ['object', 'null'] }) as unknown as ReturnType<
    typeof Type.Object<T>
  >
const reference = (name: string) => ({ $ref: `#/$defs/${name}` })
const one = <T extends TSchema>(_schema: T, name: string) =>
  Type.Unsafe<Static<T>>({ type: 'object', ...reference(name) })
const maybe = <T extends TSchema>(_schema: T, name: string) =>
  Type.Optional(Type.Unsafe<Static<T> | null>(reference(name)))
const many = <T extends TSchema>(_schema: T, name: string) =>
  Type.Optional(
    Type.Unsafe<Array<Static<T>> | null>({ type: ['array', 'null'], items: { type: 'object', ...reference(name) } })
  )

export const BodySchema = nullable({
  name: required('Such as Full Council'),
  is_active: flag('Whether it still meets'),
  start_datetime: datetime('Since when it exists'),
  description: text('For people'),
  end_datetime: datetime('Until when it existed'),
  external_source_id: externalId()
}, 'A council, committee or the like')

export const SessionSchema = nullable(
  {
    session_datetime: Type.Unsafe<number | string>({
      type: ['number', 'string'],
      description: `When it began: ${MOMENT}`
    }),
    video_uri: required('Where its video is'),
    session_index: Type.Integer({ description: 'Its place among the sessions of the event, from 0' }),
    video_start_time: time('Where in the video it begins'),
    video_end_time: time('Where in the video it ends'),
    caption_uri: text('Where its captions are'),
    external_source_id: externalId()
  },
  'One of the parts of a meeting, with a video of its own'
)

export const RoleSchema = nullable({
  title: required('Such as Councilmember'),
  body: maybe(BodySchema, 'Body'),
  start_datetime: datetime('Since when'),
  end_datetime: datetime('Until when'),
  external_source_id: externalId()
}, 'What somebody is while sitting in a seat')

export const SeatSchema = nullable({
  name: required('Such as Position 9'),
  electoral_area: text('Such as District 4'),
  electoral_type: text('Such as district or at-large'),
  image_uri: text('Where a picture of it is'),
  external_source_id: externalId(),
  roles: many(RoleSchema, 'Role')
}, 'An elected seat')

export const PersonSchema = nullable({
  name: required('Full name'),
  is_active: flag('Whether in office'),
  router_string: text('As it stands in addresses; made from the name where there is none'),
  email: text('Address'),
  phone: text('Number'),
  website: text('Address'),
  picture_uri: text('Where a picture is'),
  seat: maybe(SeatSchema, 'Seat'),
  external_source_id: externalId()
}, 'Somebody who votes or sponsors')

export const SupportingFileSchema = nullable({
  name: required('Title'),
  uri: required('Where it is'),
  external_source_id: externalId()
}, 'A file that belongs to an item')

export const MatterSchema = nullable({
  name: required('Such as CB 119858'),
  matter_type: required('Such as Council Bill'),
  title: required('The long title'),
  result_status: text('Adopted, Rejected or In Progress'),
  sponsors: many(PersonSchema, 'Person'),
  external_source_id: externalId()
}, 'A bill, resolution or the like')

export const MinutesItemSchema = nullable({
  name: required('Such as Inf 1656'),
  description: text('For people'),
  external_source_id: externalId()
}, 'An item of the minutes')

export const VoteSchema = nullable({
  person: one(PersonSchema, 'Person'),
  decision: required('Such as Approve or Reject'),
  external_source_id: externalId()
}, 'How somebody voted')

export const EventMinutesItemSchema = nullable(
  {
    minutes_item: one(MinutesItemSchema, 'MinutesItem'),
    index: Type.Optional(
      Type.Unsafe<number | null>({
        type: ['integer', 'null'],
        description: 'Its place in the minutes; that in this list where nothing is said'
      })
    ),
    matter: maybe(MatterSchema, 'Matter'),
    supporting_files: many(SupportingFileSchema, 'SupportingFile'),
    decision: text('Passed or Failed'),
    votes: many(VoteSchema, 'Vote')
  },
  'What became of an item in this meeting'
)

export const EventIngestionModelSchema = nullable(
  {
    body: one(BodySchema, 'Body'),
    sessions: Type.Unsafe<Array<Static<typeof SessionSchema>>>({
      type: 'array',
      minItems: 1,
      items: { type: 'object', ...reference('Session') }
    }),
    event_minutes_items: many(EventMinutesItemSchema, 'EventMinutesItem'),
    agenda_uri: text('Where the agenda is'),
    minutes_uri: text('Where the minutes are'),
    static_thumbnail_uri: text('Where a picture of the meeting is'),
    hover_thumbnail_uri: text('Where a moving picture of it is'),
    external_source_id: externalId()
  },
  'A meeting with its sessions'
)

/** The classes by name, as the references of the schemas find them. */
export const DEFINITIONS = {
  Body: BodySchema,
  Session: SessionSchema,
  Role: RoleSchema,
  Seat: SeatSchema,
  Person: PersonSchema,
  SupportingFile: SupportingFileSchema,
  Matter: MatterSchema,
  MinutesItem: MinutesItemSchema,
  Vote: VoteSchema,
  EventMinutesItem: EventMinutesItemSchema,
  EventIngestionModel: EventIngestionModelSchema
} as const

/**
 * As it is kept: every field is there, datetimes are seconds since 1970, what is true by default is
 * so, lists are lists.
 */
export type Kept<T> =
  number extends T ? Exclude<T, string>
    : boolean extends T ? boolean
      : [Extract<T, unknown[]>] extends [never]
          ? T extends object ? { [K in keyof T]-?: Kept<Exclude<T[K], undefined>> } : T
          : Array<Kept<Extract<T, unknown[]>[number]>>

export type GivenEvent = Static<typeof EventIngestionModelSchema>
export type IngestionEvent = Kept<GivenEvent>
export type Session = Kept<Static<typeof SessionSchema>>
export type Body = Kept<Static<typeof BodySchema>>
export type Role = Kept<Static<typeof RoleSchema>>
export type Seat = Kept<Static<typeof SeatSchema>>
export type Person = Kept<Static<typeof PersonSchema>>
export type SupportingFile = Kept<Static<typeof SupportingFileSchema>>
export type Matter = Kept<Static<typeof MatterSchema>>
export type EventMinutesItem = Kept<Static<typeof EventMinutesItemSchema>>
export type Vote = Kept<Static<typeof VoteSchema>>
