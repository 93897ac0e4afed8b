import { Type } from 'typebox'
import { group, milliseconds, setting } from '../base/setting.ts'

/** Of the HTTP service. */
export const apiSettings = group({
  body_limit: setting(Type.Integer({ minimum: 1024, maximum: 16 * 1024 * 1024 }), {
    env: 'SIGNALBOX_BODY_LIMIT',
    description: 'Largest request body, bytes; more is 413'
  }),
  request_timeout_ms: setting(milliseconds(), {
    env: 'SIGNALBOX_REQUEST_TIMEOUT_MS',
    description: 'Time that a client may take to send a request, milliseconds'
  }),
  drain_ms: setting(milliseconds(0), {
    env: 'SIGNALBOX_DRAIN_MS',
    description:
      'On SIGTERM, how long the HTTP service says that it is not ready and still answers, so that nobody is sent to ' +
      'it any more before it goes, milliseconds; not with the embedded datastore, which has no second process'
  }),
  max_waiting_events: setting(Type.Integer({ minimum: 1 }), {
    env: 'SIGNALBOX_MAX_WAITING_EVENTS',
    description: 'Events that may wait in memory for the datastore; more is 503'
  }),
  allowed_hosts: setting(Type.String({ pattern: '^[^\\s/]*$' }), {
    env: 'SIGNALBOX_ALLOWED_HOSTS',
    description:
      'Names under which the service is reached beside loopback, `HOST` and that of `SIGNALBOX_PUBLIC_URL`, ' +
      'comma-separated; any other `Host` is 421'
  }),
  rate_limit: setting(Type.Integer({ minimum: 0, maximum: 10_000_000 }), {
    env: 'SIGNALBOX_RATE_LIMIT',
    description:
      'Requests per minute of one key and address; more is 429, and 0 means no limit. Wrong keys are limited to ' +
      '60 a minute whatever it says'
  }),
  ensembl_compat: setting(Type.Boolean(), {
    env: 'SIGNALBOX_ENSEMBL_COMPAT',
    description:
      "Whether `/jobs`, `/events` and `/processes` answer as Ensembl's event service did, for clients of that; " +
      'they always do below `/ensembl/`. The command line and the console need a role `api` without it'
  }),
  max_streams: setting(Type.Integer({ minimum: 0, maximum: 10_000 }), {
    env: 'SIGNALBOX_MAX_STREAMS',
    description:
      'Live streams of events (`GET /events/{id}/stream`) that are open at once; more is 503, and 0 means none'
  }),
  streams_per_client: setting(Type.Integer({ minimum: 1, maximum: 10_000 }), {
    env: 'SIGNALBOX_STREAMS_PER_CLIENT',
    description: 'Those of one key and address; more is 429'
  })
})
