import { DEFINITIONS } from '../src/pipelines/councils/model/model.ts'
import { EventGatheredDataSchema, GatherDueDataSchema } from '../src/pipelines/councils/model/events.ts'
import { schemaOf } from '../src/pipelines/councils/model/read-event.ts'

/** The JSON Schema of a special event's data, with all classes, as it is committed. */
export const renderCouncilSchema = (): string => `${JSON.stringify({ title: 'EventIngestionModel', ...schemaOf('EventIngestionModel') }, null, 2)}\n`

/** What the shipped lookups have as `params.schema` of gather and of store_event. */
export const gatherSchema = {
  type: 'object',
  if: { properties: { type: { const: 'special_event' } } },
  then: { required: ['data'], properties: { data: { type: 'object', $ref: '#/$defs/EventIngestionModel' } } },
  else: { properties: { data: GatherDueDataSchema } },
  $defs: DEFINITIONS
}

export const storeEventSchema = { type: 'object', required: ['data'], properties: { data: EventGatheredDataSchema } }
