import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Job, JobSchedulerJson, JobsOptions, RepeatOptions } from 'bullmq'
import { lastTick } from '../../base/ticks.ts'
import type { Schedule, Work, WorkerJob } from '../work.ts'
import { ticksOf } from './next-tick.ts'

/** What of BullMQ's Queue is needed here. */
type SchedulerQueue = {
  upsertJobScheduler: (
    id: string,
    repeat: { pattern: string, tz: string },
    template: { name: string, data: unknown, opts: Omit<JobsOptions, 'jobId' | 'repeat' | 'delay'> }
  ) => Promise<unknown>
  removeJobScheduler: (id: string) => Promise<boolean>
  getJobSchedulers: (start?: number, end?: number, asc?: boolean) => Promise<JobSchedulerJson[]>
}

/** A tick is not given up: its work is ours, and it fails only when the datastore does. */
const ATTEMPTS = 1_000_000
const BACKOFF_MS = 2000
/** How long the ticks that failed are kept. */
const FAILED_AGE_S = 7 * 24 * 3600
const PUT_TRIES = 5
const PUT_PAUSE_MS = 100

/**
 * Schedules as BullMQ's job schedulers: a delayed job for the next tick, which makes the one after it when it is taken.
 */
export function createSchedules (
  queue: (name: string) => SchedulerQueue
): Pick<Work, 'schedule' | 'unschedule' | 'schedules'> {
  async function schedules (queueName: string): Promise<Array<Schedule & { next: number }>> {
    const found = await queue(queueName).getJobSchedulers(0, -1, true)
    return found.map((one) => ({
      name: one.key,
      ...ticksOf(one),
      data: (one.template?.data as Schedule['data'] | undefined) ?? {},
      next: Number(one.next)
    }))
  }

  async function schedule (queueName: string, wanted: Schedule): Promise<void> {
    for (let tries = 1; ; tries++) {
      // Putting one in that is there would take away a tick that nobody has taken yet.
      const found = (await schedules(queueName)).find(({ name }) => name === wanted.name)
      if (found !== undefined && isDeepStrictEqual({ ...wanted, next: found.next }, found)) return
      try {
        return await put(queueName, wanted)
      } catch (error) {
        // Several that start at once put in the same: they meet in a deadlock, or one finds its tick there already.
        if (tries === PUT_TRIES) throw error
        await sleep(Math.random() * PUT_PAUSE_MS * tries)
      }
    }
  }

  async function put (queueName: string, { name, pattern, timezone, data }: Schedule): Promise<void> {
    await queue(queueName).upsertJobScheduler(
      name,
      { pattern, tz: timezone },
      {
        name,
        data,
        opts: {
          attempts: ATTEMPTS,
          backoff: { type: 'fixed', delay: BACKOFF_MS },
          removeOnComplete: true,
          removeOnFail: { age: FAILED_AGE_S }
        }
      }
    )
  }

  return {
    schedule,
    schedules,
    unschedule: async (queueName, name) => {
      await queue(queueName).removeJobScheduler(name)
    }
  }
}

/**
 * Tells for which tick a job stands. BullMQ makes the job of the next tick as it hands out this
 * one; what lies between the two was missed.
 */
export function createTickReader (): {
  next: (schedule: string, tick: number) => void
  of: (job: Job) => WorkerJob['tick']
} {
  const following = new Map<string, number>()
  return {
    next: (schedule, tick) => { following.set(schedule, tick) },
    of: ({ repeatJobKey, opts, attemptsStarted }) => {
      const { prevMillis: due, repeat } = opts as { prevMillis?: number, repeat?: RepeatOptions }
      if (repeatJobKey === undefined || due === undefined) return undefined
      const next = following.get(repeatJobKey)
      return attemptsStarted > 1 || next === undefined || repeat === undefined
        ? due
        : Math.max(due, lastTick(ticksOf(repeat), next - 1))
    }
  }
}
