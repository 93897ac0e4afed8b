import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { Type, type Static } from 'typebox'
import { errors } from '../../base/errors.ts'

const EventsConfigSchema = Type.Record(Type.String(), Type.Object({
  source: Type.String({ minLength: 1 }),
  type: Type.String({ minLength: 1 })
}, { additionalProperties: false }))

/**
 * Which CloudEvents start a process: those whose source and type both are exactly these. In the
 * order of the configuration.
 */
export type EventsConfig = ReadonlyArray<{ process: string, source: string, type: string }>

/**
 * Reads kedro-graphql's mapping, `{ "<process>": { "source": …, "type": … } }`, from JSON or from
 * the file that is named. An empty text means that there is none.
 *
 * @throws INVALID_CONFIG with the place in the JSON, or the path of what is wrong
 */
export function loadEventsConfig (text: string): EventsConfig | undefined {
  if (text === '') return undefined
  const isJson = /^\s*[[{"]/.test(text)
  const name = isJson ? 'SIGNALBOX_EVENTS_CONFIG' : text
  const json = isJson ? text : readText(text)
  const mapping = parse(json, name)
  const validate = new Ajv({ allErrors: true }).compile(EventsConfigSchema)
  if (!validate(mapping)) {
    throw errors.invalidConfig((validate.errors ?? []).map(({ instancePath, message = '', params }) => {
      const { missingProperty: missing, additionalProperty: extra } = params as {
        missingProperty?: string
        additionalProperty?: string
      }
      const path = [...instancePath.split('/').slice(1), missing ?? extra ?? ''].filter((part) => part !== '').join('/')
      return `${name}: ${path} ${missing !== undefined ? 'is missing' : extra !== undefined ? 'is not known: an entry has source and type' : message}`
    }))
  }
  return Object.entries(mapping as Static<typeof EventsConfigSchema>).map(([process, { source, type }]) => ({
    process,
    source,
    type
  }))
}

/** The mapping as the lookups are checked against it. */
export const toStarted = (config: EventsConfig | undefined): { setting: string, processes: string[] } | undefined =>
  config && { setting: 'SIGNALBOX_EVENTS_CONFIG', processes: config.map(({ process }) => process) }

function readText (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw errors.invalidConfig([`SIGNALBOX_EVENTS_CONFIG: ${JSON.stringify(file)} is neither a JSON object nor a file that can be read: ${(cause as Error).message}`])
  }
}

function parse (json: string, name: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    const at = faultOf(json)
    const before = json.slice(0, at).split('\n')
    throw errors.invalidConfig([
      `${name}: invalid JSON at position ${at} (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`
    ])
  }
}

/**
 * The place of the first character that cannot stand where it does: the engine tells it for some faults only. A
 * beginning of the text can be continued where the parser misses something at its end, and all beginnings before the
 * fault can.
 */
function faultOf (json: string): number {
  let good = 0
  let bad = json.length + 1
  while (bad - good > 1) {
    const length = (good + bad) >> 1
    if (canBeContinued(json.slice(0, length))) good = length
    else bad = length
  }
  return good
}

function canBeContinued (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const { message } = error as Error
    const position = /at position (\d+)/.exec(message)?.[1]
    return /end of JSON input|Unterminated string/.test(message) || Number(position) >= text.length
  }
}
