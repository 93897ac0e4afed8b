import { Type } from 'typebox'
import { Ajv } from 'ajv'
import { deadline } from '../../base/deadline.ts'
import { queueFinding, type DoctorGiven, type Finding } from './finding.ts'

const TIMEOUT_MS = 5000

const QueuesSchema = Type.Object({
  items: Type.Array(Type.Object({
    queue: Type.String(),
    workers: Type.Integer(),
    waiting: Type.Integer(),
    failed: Type.Integer(),
    paused: Type.Boolean()
  }))
})
type Queues = Type.Static<typeof QueuesSchema>

/** What the process tells that holds the embedded datastore. */
export async function * askService ({ config, env }: DoctorGiven): AsyncGenerator<Finding> {
  const url = (env['SIGNALBOX_URL'] || `http://${config.host}:${config.port}`).replace(/\/+$/, '')
  try {
    const ready = await fetch(`${url}/ready`, { signal: deadline(TIMEOUT_MS) })
    yield { about: 'service', found: `${url} answers ${ready.status}`, todo: ready.ok ? undefined : await ready.text() }
    const headers: Record<string, string> = config.token === '' ? {} : { authorization: `Bearer ${config.token}` }
    const answer = await fetch(`${url}/queues`, { headers, signal: deadline(TIMEOUT_MS) })
    const body: unknown = await answer.json()
    if (!isQueues(body)) {
      const todo = 'set SIGNALBOX_TOKEN to a key with the scope read'
      return yield { about: 'queues', found: `${url}/queues answers ${answer.status}`, todo }
    }
    for (const { queue, ...counts } of body.items) yield queueFinding(queue, counts)
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error ? cause.message : message
    yield { about: 'service', found: `${url} does not answer`, todo: `${why}; SIGNALBOX_URL says where the service is` }
  }
}

const isQueues = (body: unknown): body is Queues => new Ajv().validate(QueuesSchema, body)
