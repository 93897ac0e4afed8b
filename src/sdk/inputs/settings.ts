import { Type } from 'typebox'
import { group, milliseconds, setting } from '../../base/setting.ts'

/** Of inputs that are fetched over HTTP. */
export const fetchSettings = group({
  max_bytes: setting(Type.Integer({ minimum: 1 }), {
    env: 'SIGNALBOX_FETCH_MAX_BYTES',
    description: 'Largest input fetched over HTTP, bytes, also after decompression'
  }),
  timeout_ms: setting(milliseconds(), {
    env: 'SIGNALBOX_FETCH_TIMEOUT_MS',
    description: 'Longest time for one input fetched over HTTP, milliseconds'
  }),
  allow_private: setting(Type.Boolean(), {
    env: 'SIGNALBOX_FETCH_ALLOW_PRIVATE',
    description: 'Whether inputs may come from private, loopback and link-local addresses'
  })
})
