import { Type } from 'typebox'
import { group, setting } from '../../base/setting.ts'

/** How far follow-on events may go. */
export const eventSettings = group({
  max_depth: setting(Type.Integer({ minimum: 1, maximum: 100 }), {
    env: 'SIGNALBOX_MAX_DEPTH',
    description: 'Longest chain of follow-on events; deeper ones are recorded and start nothing'
  }),
  max_fan_out: setting(Type.Integer({ minimum: 1 }), {
    env: 'SIGNALBOX_MAX_FAN_OUT',
    description:
      'Most follow-on events under one submitted event; more are refused (jobs that end within a second of each ' +
      'other may pass it)'
  })
})
