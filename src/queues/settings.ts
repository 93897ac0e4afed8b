import { Type } from 'typebox'
import { group, milliseconds, setting } from '../base/setting.ts'

/** Of the datastore and the queues. */
export const queueSettings = group({
  prefix: setting(Type.String({ pattern: '^[^:]+$' }), {
    env: 'SIGNALBOX_PREFIX',
    description: 'Where the keys lie in Redis; in braces, so that Redis Cluster keeps them on one node'
  }),
  connections: setting(Type.Integer({ minimum: 2, maximum: 500 }), {
    env: 'SIGNALBOX_CONNECTIONS',
    description: 'Connections to PostgreSQL for queries; each worker of a queue takes one more'
  }),
  timeout_ms: setting(milliseconds(), {
    env: 'SIGNALBOX_BACKEND_TIMEOUT_MS',
    description: 'An unanswered write is given up after this, milliseconds; the client gets 503'
  }),
  retention_hours: setting(Type.Number({ exclusiveMinimum: 0, maximum: 24 * 365 * 20 }), {
    env: 'SIGNALBOX_RETENTION_HOURS',
    description: 'How long ended events are kept with all that belongs to them, hours'
  })
})
