import type { EventClient } from '../client/event-client.ts'

/** The event types that a service knows. */
export const typesOf = async (client: EventClient): Promise<string[]> =>
  (await client.eventTypes()).items.filter(({ match }) => match == null).map(({ type }) => type)

/** Its processes. */
export const processesOf = async (client: EventClient): Promise<string[]> =>
  (await client.processes()).items.map(({ process: name }) => name)
