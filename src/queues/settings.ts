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
  high_water: setting(Type.Integer({ minimum: 1, maximum: 100 }), {
    env: 'SIGNALBOX_HIGH_WATER',
    description: 'When Redis has used so much of its `maxmemory`, no new event is taken (507), %'
  }),
  min_free_mb: setting(Type.Integer({ minimum: 0 }), {
    env: 'SIGNALBOX_MIN_FREE_MB',
    description:
      'When less is free on the disk of the embedded datastore or of the store, no new event is taken (507), MB'
  }),
  retention_hours: setting(Type.Number({ exclusiveMinimum: 0, maximum: 24 * 365 * 20 }), {
    env: 'SIGNALBOX_RETENTION_HOURS',
    description: 'How long ended events are kept with all that belongs to them, hours'
  })
})
