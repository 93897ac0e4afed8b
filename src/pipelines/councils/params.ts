import { Type } from 'typebox'
import { NAMES_BLOCK } from '../../sdk/blocks/kind.ts'
import { IndexParamsSchema } from './index/params.ts'
import {
  EventGatheredDataSchema, GatherDueDataSchema, SessionGatheredDataSchema, TranscriptCorrectedDataSchema
} from './model/events.ts'
import { DEFINITIONS } from './model/model.ts'

/** The event of gather: a range of time, or a meeting told whole. */
export const GatherEventSchema = Type.Unsafe({
  type: 'object',
  if: { properties: { type: { const: 'special_event' } } },
  then: { required: ['data'], properties: { data: { type: 'object', $ref: '#/$defs/EventIngestionModel' } } },
  else: { properties: { data: GatherDueDataSchema } },
  $defs: DEFINITIONS
})

/** Parameters of the operator that name blocks; they are checked when the process reads them. */
const BLOCKS = {
  downloader: { [NAMES_BLOCK]: 'video_downloader' },
  speech: { properties: { block: { [NAMES_BLOCK]: 'openai_speech' } } }
}

export const StoreEventEventSchema = Type.Object({ data: EventGatheredDataSchema })
export const TranscribeEventSchema = Type.Object({
  data: Type.Unsafe({
    ...SessionGatheredDataSchema,
    properties: { ...SessionGatheredDataSchema.properties, ...BLOCKS }
  })
})
export const IndexEventSchema = Type.Object({ data: Type.Optional(IndexParamsSchema) })
export const CorrectTranscriptEventSchema = Type.Object({ data: TranscriptCorrectedDataSchema })
