import { readFileSync } from 'node:fs'
import { loadLookups } from '../src/engine/lookups/lookups.ts'
import { shipped } from '../src/roles/shipped.ts'
import { checkRun } from '../src/runners/entry.ts'

type Message = { name: string, title: string, summary?: string, contentType: string, payload: object, examples?: object[] }

/** AsyncAPI 3.0: the events that the shipped lookups take, and those that their processes generate. */
export async function renderAsyncapi (): Promise<string> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const lookups = await loadLookups({ folder: 'lookups', checkRun, builtIns: shipped.processes })
  const emitted = new Set([...lookups.processes.values()].flatMap(({ emits }) => [...emits ?? []]))
  const types = [...lookups.eventTypes.values()]
  const schemas = Object.fromEntries([...lookups.processes.values()].flatMap(({ name, schema }) => schema === undefined ? [] : toSchemas(name, schema)))
  const messages = Object.fromEntries(types.map(({ type, description, example, processes }) => {
    const taken = processes.filter((name) => name in schemas).map(toRef)
    return [type, toMessage(type, description, example, taken)]
  }))
  const refer = (channel: string, names: string[]) => names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }))
  const listed = (names: string[]) => Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]))
  const all = types.map(({ type }) => type)
  const out = all.filter((type) => emitted.has(type))
  return `${JSON.stringify({
    asyncapi: '3.0.0',
    info: {
      title: 'Signalbox: events',
      version,
      description: 'Made by npm run docs from the shipped lookups. Events come in over HTTP (openapi.json), as JSON or as CloudEvents 1.0.2; follow-on events are dispatched in turn.',
      license: { name: 'Apache-2.0' }
    },
    defaultContentType: 'application/cloudevents+json',
    servers: { local: { host: '127.0.0.1:3000', protocol: 'http' } },
    channels: {
      events: { address: '/event/', title: 'Events in', messages: listed(all) },
      followOn: { address: null, title: 'Events that processes generate', messages: listed(out) }
    },
    operations: {
      receive: { action: 'receive', channel: { $ref: '#/channels/events' }, bindings: { http: { method: 'POST' } }, messages: refer('events', all) },
      generate: { action: 'send', channel: { $ref: '#/channels/followOn' }, messages: refer('followOn', out) }
    },
    components: { messages, schemas }
  }, null, 2)}\n`
}

const toRef = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` })

/** What a process takes. A reference of a document leads through the whole of it: its definitions stand beside it. */
function toSchemas (name: string, schema: object): Array<[string, object]> {
  const { $defs = {}, ...own } = schema as { $defs?: Record<string, object> }
  const refer = (part: object): object =>
    JSON.parse(JSON.stringify(part), (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', `#/components/schemas/${name}.`) : value) as object
  const defined = Object.entries($defs).map(([key, part]): [string, object] => [`${name}.${key}`, refer(part)])
  return [[name, refer(own)], ...defined]
}

function toMessage (type: string, description: string | undefined, example: object | undefined, taken: object[]): Message {
  const envelope = {
    type: 'object',
    required: ['type'],
    properties: {
      specversion: { const: '1.0' },
      id: { type: 'string' },
      source: { type: 'string', format: 'uri-reference' },
      type: { const: type },
      subject: { type: 'string' },
      time: { type: 'string', format: 'date-time' },
      traceparent: { type: 'string', description: "W3C trace context, CloudEvents' distributed tracing" }
    }
  }
  return {
    name: type,
    title: type,
    summary: description,
    contentType: 'application/cloudevents+json',
    payload: taken.length === 0 ? envelope : { allOf: [envelope, ...taken] },
    examples: example === undefined ? undefined : [{ payload: { type, ...asRead(example) } }]
  }
}

/** The word of Ensembl is taken as the subject. */
function asRead ({ genome, ...example }: { genome?: unknown }): object {
  return genome === undefined ? example : { subject: genome, ...example }
}
