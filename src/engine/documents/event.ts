import { Type, type Static } from 'typebox'
import type { DispatchEvent } from '../../base/event.ts'
import { digest } from '../../base/event.ts'
import { createReader } from './read.ts'

/** One job of an event: what whoever ends it needs to know, whatever the lookups say by then. */
const EventJobSchema = Type.Object({
  process: Type.String(),
  id: Type.String(),
  queue: Type.String(),
  /** Where it waits before it is enqueued. */
  gate: Type.Optional(Type.String()),
  /** Gates that wait until it has ended. */
  holds: Type.Optional(Type.Array(Type.String())),
  /** The entries of the lookups that start its process for this event. */
  legs: Type.Optional(Type.Array(Type.String())),
  /** Its parameters have its own id and the event as one JSON string, over those of the event's data. */
  withEvent: Type.Optional(Type.Literal(true)),
  /** Why it failed without running: the event lacks what the process needs. */
  refused: Type.Optional(Type.String())
})
export type EventJob = Static<typeof EventJobSchema>

const CauseSchema = Type.Object({
  event: Type.String(),
  process: Type.String(),
  job: Type.String(),
  index: Type.Integer()
})

/**
 * An event as it was accepted. Never changed; what becomes of it stands in its counters and in the
 * documents of its jobs.
 */
const EventDocumentSchema = Type.Object({
  v: Type.Literal(1),
  event: Type.Unsafe<DispatchEvent>(Type.Object({ id: Type.String(), source: Type.String(), type: Type.String() })),
  /** When it was accepted, milliseconds. */
  at: Type.Number(),
  root: Type.String(),
  /** When its root was accepted, where that is another event. */
  rootAt: Type.Optional(Type.Number()),
  depth: Type.Integer(),
  /** Type and subject of each event above, the root's first. */
  above: Type.Array(Type.Object({ type: Type.String(), subject: Type.Optional(Type.String()) })),
  /** In the order of the lookups; empty where they stand in pieces. */
  jobs: Type.Array(EventJobSchema),
  /** How many pieces there are: of an event with very many jobs. */
  pieces: Type.Optional(Type.Integer()),
  /** Content hash of the lookups that routed it. */
  lookups: Type.String(),
  /** The entries that applied. */
  entries: Type.Array(Type.String()),
  cause: Type.Optional(CauseSchema),
  replays: Type.Optional(Type.String()),
  parent: Type.Optional(Type.String()),
  /** The name of the key with which it was sent. */
  by: Type.Optional(Type.String()),
  refused: Type.Optional(Type.String()),
  keep: Type.Optional(Type.Literal(true)),
  /** W3C traceparent: what the spans of its jobs belong to. */
  trace: Type.Optional(Type.String())
})
export type EventDocument = Static<typeof EventDocumentSchema>
export type EventCause = Static<typeof CauseSchema>

const PieceSchema = Type.Object({
  v: Type.Literal(1),
  jobs: Type.Array(Type.Object({ place: Type.Integer(), job: EventJobSchema }))
})

export const readEventDocument = createReader(EventDocumentSchema, 'event')
export const readPiece = createReader(PieceSchema, 'list of jobs')

/** Jobs beyond so many stand in pieces, so that the end of one reads little. */
export const MAX_LISTED = 200
const PIECE = 50

export const piecesFor = (jobs: number): number | undefined => jobs > MAX_LISTED ? Math.ceil(jobs / PIECE) : undefined
export const pieceOf = (processName: string, pieces: number): number =>
  Number.parseInt(digest([processName]).slice(0, 8), 16) % pieces

/** Counters of the document of an event; those of a root count its whole tree too. */
export type EventCounter = 'open' | 'failed' | 'cancelled' | 'absorbed'
export type TreeCounter = `tree_${EventCounter}` | 'tree_events'
