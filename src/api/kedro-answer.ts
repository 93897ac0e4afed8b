import type { DispatchEvent } from '../base/event.ts'
import type { Accepted } from '../engine/dispatch/dispatch.ts'

/** Who asks for it gets the answer that kedro-graphql gives, for clients that were written for that. */
export const KEDRO_TYPE = 'application/vnd.kedro-graphql+json'

/** The jobs that an event started as kedro-graphql (1.3.0 and later) tells of the pipelines that it creates. */
export function toKedroAnswer ({ jobs }: Accepted, event: DispatchEvent | undefined): object[] {
  if (event === undefined) return []
  const { id, source, type } = event
  const tags = Object.entries({ event_id: id, event_source: source, event_type: type })
  return jobs.map(([name, job]) => ({
    id: job,
    name,
    parent: event['parentid'] ?? null,
    describe: '',
    nodes: [],
    data_catalog: [],
    parameters: [
      { name: 'event', value: JSON.stringify(event), type: 'string' },
      { name: 'id', value: job, type: 'string' }
    ],
    status: [
      { state: 'READY', session: null, runner: null, started_at: event.time ?? null, finished_at: null, task_id: job }
    ],
    tags: tags.map(([key, value]) => ({ key, value }))
  }))
}
