import type { IQueueBackend, RepeatOptions } from 'bullmq'
import { nextTick, type Ticks } from '../../base/ticks.ts'

type Backend = Pick<IQueueBackend, 'addJobScheduler' | 'updateJobSchedulerNextMillis'>
/** BullMQ keeps them with each job of a schedule, and hides that from its types. */
type Options = Parameters<Backend['addJobScheduler']>[5] & { repeat?: RepeatOptions }

export const ticksOf = ({ pattern = '', tz = 'UTC' }: Pick<RepeatOptions, 'pattern'> & { tz?: string }): Ticks => ({
  pattern,
  timezone: tz
})

/** BullMQ wants an answer before it writes; the tick is chosen as it is written. */
export const anyTick = (after: number): number => after

/**
 * BullMQ asks the clock of its own machine which tick comes next: one that is an hour ahead would leave out an hour of
 * ticks. Here it is chosen where it is written, by the clock of the datastore. `onNext` is told of the tick after the
 * one whose job is handed out.
 */
export function chooseTicks (
  backend: Backend,
  now: () => number,
  onNext: (schedule: string, tick: number) => void = () => {}
): void {
  const add = backend.addJobScheduler.bind(backend)
  const update = backend.updateJobSchedulerNextMillis.bind(backend)
  const toNext = (options: Options, schedule: string, after: number): [tick: number, options: Options] => {
    const at = now()
    const tick = nextTick(ticksOf(options.repeat ?? {}), Math.max(after, at))
    const job = { jobId: `repeat:${schedule}:${tick}`, prevMillis: tick, timestamp: at, delay: tick - at }
    return [tick, { ...options, ...job }]
  }
  Object.assign(backend, {
    addJobScheduler: async (schedule, _next, data, template, repeat, given, producer) => {
      const [tick, options] = toNext(given, schedule, 0)
      return await add(schedule, tick, data, template, repeat, options, producer)
    },
    updateJobSchedulerNextMillis: async (schedule, _next, data, given, producer = '') => {
      const [tick, options] = toNext(given, schedule, tickOf(producer))
      onNext(schedule, tick)
      return await update(schedule, tick, data, options, producer)
    }
  } satisfies Backend)
}

/** Of the id of its job. The clock of the datastore, as it is known here, may be a moment behind. */
const tickOf = (job: string): number => Number(/:(\d+)$/.exec(job)?.[1] ?? 0)
