import { UsageError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import type { EventClient } from '../client/event-client.ts'
import type { EventClientError } from '../client/event-client-error.ts'
import type { Shipped } from '../sdk/pipeline.ts'
import { ALIASES, COMMANDS } from './command-list.ts'
import { processesOf, typesOf } from './names.ts'

/** An error for a command that is none, with the one that was probably meant. */
export async function unknownCommand (
  name: string,
  others: Iterable<string>,
  load: () => Promise<Shipped>
): Promise<UsageError> {
  const queries = (await load()).queries.keys()
  const known = [...Object.keys(COMMANDS), ...Object.keys(ALIASES), ...others, ...queries, 'help', 'version']
  return new UsageError(
    `there is no command ${JSON.stringify(name)}${meaning(nearest(name, known), 'signalbox --help lists them')}`
  )
}

const meaning = (near: string | undefined, otherwise: string): string =>
  near === undefined ? `; ${otherwise}` : `; did you mean ${near}?`

/** Where the service does not know a type or a process: the one that was probably meant, or where they are listed. */
export async function unknownName (
  { code, message }: EventClientError,
  client: EventClient
): Promise<string | undefined> {
  const [, given] = /"((?:[^"\\]|\\.)*)"/.exec(message) ?? []
  if (given === undefined || (code !== 'UNKNOWN_EVENT_TYPE' && code !== 'UNKNOWN_PROCESS')) return undefined
  const isType = code === 'UNKNOWN_EVENT_TYPE'
  const listed = isType ? 'signalbox event_types lists them' : 'signalbox processes lists them'
  const near = nearest(given, await (isType ? typesOf(client) : processesOf(client)).catch(() => []))
  return near === undefined ? listed : `did you mean ${near}? ${listed}`
}
