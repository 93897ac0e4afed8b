import type { ScheduleView } from '../../schemas/schedules.ts'
import type { Dispatch, Page } from '../answers.ts'
import type { Calls } from '../calls.ts'
import { toDispatch } from './submit.ts'

export const schedules = ({ ask, send }: Calls) => ({
  async schedules (): Promise<Page<ScheduleView>> {
    return await ask('listSchedules')
  },

  /** Lets a schedule make no events, whatever starts again, until it is resumed. `note`: why. */
  async pauseSchedule (name: string, note?: string): Promise<ScheduleView> {
    return await ask('pauseSchedule', { in: [name], body: { note } })
  },

  /** Makes an event of it now, also where it is paused. */
  async runSchedule (name: string): Promise<Dispatch> {
    return toDispatch(await send('runSchedule', { in: [name] }))
  },

  async resumeSchedule (name: string): Promise<ScheduleView> {
    return await ask('resumeSchedule', { in: [name] })
  }
})
