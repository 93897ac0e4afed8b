import { Type } from 'typebox'
import { IndexParamsSchema } from './index/params.ts'
import { EventGatheredDataSchema, GatherDueDataSchema, SessionGatheredDataSchema, TranscriptCorrectedDataSchema } from './model/events.ts'
import { DEFINITIONS } from './model/model.ts'

/** The event of gather: a range of time, or a meeting told whole. */
export const GatherEventSchema = Type.Unsafe({
  type: 'object',
  if: { properties: { type: { const: 'special_event' } } },
  then: { required: ['data'], properties: { data: { type: 'object', $ref: '#/$defs/EventIngestionModel' } } },
  else: { properties: { data: GatherDueDataSchema } },
  $defs: DEFINITIONS
})

export const StoreEventEventSchema = Type.Object({ data: EventGatheredDataSchema })
export const TranscribeEventSchema = Type.Object({ data: SessionGatheredDataSchema })
export const IndexEventSchema = Type.Object({ data: Type.Optional(IndexParamsSchema) })
export const CorrectTranscriptEventSchema = Type.Object({ data: TranscriptCorrectedDataSchema })
