import { Type } from 'typebox'
import { group, setting } from '../../base/setting.ts'

/** Of the receiver of CloudEvents. */
export const cloudEventSettings = group({
  enabled: setting(Type.Boolean(), {
    env: 'SIGNALBOX_CLOUDEVENTS',
    description:
      'Whether `/event/` takes CloudEvents by `event_lookup.json` alone; with `SIGNALBOX_EVENTS_CONFIG` it does ' +
      'so anyway'
  }),
  events_config: setting(Type.String(), {
    env: 'SIGNALBOX_EVENTS_CONFIG',
    aliases: ['KEDRO_GRAPHQL_EVENTS_CONFIG', 'KEDRO_GRAPHQL_EVENT_CONFIG'],
    description:
      'Which CloudEvents start which process: `{"<process>": {"source": "…", "type": "…"}}`, or a file of that. ' +
      '`KEDRO_GRAPHQL_EVENTS_CONFIG` and `KEDRO_GRAPHQL_EVENT_CONFIG` are read where it is not set'
  }),
  allowed_origins: setting(Type.String(), {
    env: 'SIGNALBOX_WEBHOOK_ORIGINS',
    description:
      'Senders that may deliver to `/event/`, as they ask with `OPTIONS`: DNS names, comma-separated, or `*`; ' +
      'empty means no consent'
  }),
  allowed_rate: setting(Type.Integer({ minimum: 0, maximum: 1_000_000_000 }), {
    env: 'SIGNALBOX_WEBHOOK_RATE',
    description:
      'Deliveries per minute that a sender is granted at most, in each api process; more is 429. 0 means no limit'
  })
})
