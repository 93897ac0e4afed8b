import { Type } from 'typebox'
import { group, milliseconds, oneOf, setting } from '../../base/setting.ts'

/** Where reports go: to the broker of `server`, or to that of a block. */
export const reportSettings = group({
  server: setting(Type.String({ pattern: '^(amqps?://.+)?$' }), {
    env: 'SIGNALBOX_REPORT_SERVER',
    aliases: ['REPORT_SERVER'],
    hidden: true,
    description: 'AMQP broker for reports: `amqp://USER:PASSWORD@HOST:PORT/VHOST`; empty means that nothing is reported'
  }),
  block: setting(Type.String({ pattern: '^([a-z0-9][a-z0-9_-]{0,63})?$' }), {
    env: 'SIGNALBOX_REPORT_BLOCK',
    description: 'An `amqp` block to use instead of the three settings beside it'
  }),
  exchange: setting(Type.String({ minLength: 1, maxLength: 255 }), {
    env: 'SIGNALBOX_REPORT_EXCHANGE',
    aliases: ['REPORT_EXCHANGE'],
    description: 'The exchange for reports'
  }),
  exchange_type: setting(oneOf(['topic', 'direct', 'fanout', 'headers']), {
    env: 'SIGNALBOX_REPORT_EXCHANGE_TYPE',
    aliases: ['REPORT_EXCHANGE_TYPE'],
    description: 'Its type, with which it is declared'
  }),
  buffer: setting(Type.Integer({ minimum: 1, maximum: 1_000_000 }), {
    env: 'SIGNALBOX_REPORT_BUFFER',
    description:
      'Reports that are kept in memory while the broker is away, and 32 MB of them at most; more are dropped and ' +
      'counted'
  }),
  flush_ms: setting(milliseconds(0), {
    env: 'SIGNALBOX_REPORT_FLUSH_MS',
    description: 'At the end, time for the broker to take what is left, milliseconds'
  })
})
