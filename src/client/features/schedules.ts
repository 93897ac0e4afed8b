import type { ScheduleView } from '../../schemas/schedules.ts'
import type { Page } from '../answers.ts'
import type { Calls } from '../calls.ts'

export const schedules = ({ ask }: Calls) => ({
  async schedules (): Promise<Page<ScheduleView>> {
    return await ask('listSchedules')
  },

  /** Lets a schedule make no events, whatever starts again, until it is resumed. */
  async pauseSchedule (name: string): Promise<ScheduleView> {
    return await ask('pauseSchedule', { in: [name] })
  },

  async resumeSchedule (name: string): Promise<ScheduleView> {
    return await ask('resumeSchedule', { in: [name] })
  }
})
