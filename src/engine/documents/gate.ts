import { Type, type Static } from 'typebox'
import { createReader } from './read.ts'

/** The trigger whose job waits at a gate that merges, and what it stands for. Times are milliseconds. */
const WaitingSchema = Type.Object({
  job: Type.String(),
  round: Type.Integer(),
  /** Since when it waits: when it was accepted, or retried. */
  firstAt: Type.Number(),
  /** The latest event that has come: the job runs with it. */
  latest: Type.String(),
  latestAt: Type.Number(),
  /** How many it has absorbed. */
  count: Type.Integer(),
  /** Of a join: the last event of each leg that has come. */
  last: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** When that event was accepted. */
  lastAt: Type.Optional(Type.Record(Type.String(), Type.Number()))
})
export type Waiting = Static<typeof WaitingSchema>

/**
 * What is known at the gate of one process and one key, beside its counters `running` and `upstream`. Written by looks
 * only, one after the other by its revision.
 */
const GateDocumentSchema = Type.Object({
  v: Type.Literal(1),
  waiting: Type.Optional(WaitingSchema),
  /** When a run was last let through, and its job. */
  passedAt: Type.Optional(Type.Number()),
  passed: Type.Optional(Type.String()),
  /** When the last trigger came. */
  triggeredAt: Type.Optional(Type.Number()),
  /** When it is to be looked at by time: the score of its entry `at` among those that are due. */
  at: Type.Optional(Type.Number()),
  /** It is named among the gates with somebody waiting. */
  listed: Type.Optional(Type.Literal(true)),
  /** It stands in the line for the limit of its process. */
  inLine: Type.Optional(Type.Literal(true))
})
export type GateDocument = Static<typeof GateDocumentSchema>

export const readGateDocument = createReader(GateDocumentSchema, 'gate')
