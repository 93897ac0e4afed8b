import { Type } from 'typebox'
import { group, milliseconds, setting } from '../../base/setting.ts'

/** How notices are sent. */
export const notificationSettings = group({
  retries: setting(Type.String({ pattern: '^[0-9]{1,6}(ms|s|m|h)(,[0-9]{1,6}(ms|s|m|h)){0,19}$' }), {
    env: 'SIGNALBOX_NOTIFY_RETRIES',
    description:
      'Pauses before a notice that could not be sent is tried again, comma-separated; after the last try it is given up'
  }),
  timeout_ms: setting(milliseconds(100), {
    env: 'SIGNALBOX_NOTIFY_TIMEOUT_MS',
    description: 'Longest time for a webhook to answer, and for each step of a mail server, milliseconds'
  })
})
