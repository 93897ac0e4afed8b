import { EventEntrySchema } from '../src/engine/lookups/event-entry.ts'
import { ProcessEntrySchema } from '../src/engine/lookups/process-entry.ts'
import { ScheduleEntrySchema } from '../src/engine/lookups/schedule-entry.ts'
import { shipped } from '../src/roles/shipped.ts'

type Schema = Record<string, unknown>

/** Values that the environment or a block gives instead. */
const REFERENCES = [{ type: 'null' }, { type: 'object', required: ['env'] }, { type: 'object', required: ['block'] }]

/** JSON Schemas of the three lookup files for editors, by file. */
export function renderLookupSchemas (): Map<string, string> {
  return new Map([
    ['openapi/event_lookup.schema.json', render('Which processes each event type starts', EventEntrySchema)],
    ['openapi/process_lookup.schema.json', render('How each process is run', withParameters(ProcessEntrySchema as unknown as Schema))],
    ['openapi/schedule_lookup.schema.json', render('Events that time makes', scheduleEntry())]
  ])
}

const render = (title: string, entry: object): string => `${JSON.stringify({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: `Signalbox: ${title}`,
  type: 'object',
  properties: { $schema: { type: 'string' } },
  additionalProperties: entry
}, null, 2)}\n`

/** An entry of a built-in process may give its parameters: by their names, types and descriptions. */
function withParameters (entry: Schema): Schema {
  const rules = [...shipped.processes.values()].map(({ name, params }) => {
    const { properties: { data = {} } = {} } = params as { properties?: { data?: { properties?: Record<string, Schema> } } }
    const fields = Object.entries(data.properties ?? {}).map(([field, schema]) => [field, { description: schema['description'], anyOf: [schema, ...REFERENCES] }])
    const given = { properties: Object.fromEntries(fields) }
    return {
      if: { type: 'object', required: ['run'], properties: { run: { type: 'object', required: ['module'], properties: { module: { const: name } } } } },
      then: { properties: { params: { properties: { default: given, fixed: given } } } }
    }
  })
  return { allOf: [entry, ...rules] }
}

/** `cron`, `every`, `timezone` and `subject` may come from the environment. */
function scheduleEntry (): Schema {
  const { properties, ...rest } = ScheduleEntrySchema as unknown as { properties: Record<string, Schema> }
  const env = { type: 'object', required: ['env'], properties: { env: { type: 'string' }, default: {} }, additionalProperties: false }
  const open = Object.entries(properties).map(([name, schema]) => [name, { description: schema['description'], anyOf: [schema, env] }])
  return { ...rest, properties: Object.fromEntries(open) }
}
