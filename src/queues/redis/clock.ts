import { createRedisBackend } from 'bullmq'
import { toDatastoreTimes, toLocalTime, withCallTime, type Ahead } from '../bullmq/datastore-clock.ts'

type Next = [job: unknown, id: string, limitMs: number, until: unknown]

/** The private parts of BullMQ's RedisQueueBackend that are used here; a test asserts that they do what is said. */
type Commands = {
  execCommand: (client: unknown, name: string, args: unknown[]) => unknown
  moveToFinished: (...given: unknown[]) => Promise<Next | [] | undefined>
  moveToActive: (...given: unknown[]) => Promise<Next | []>
  waitForJob: (seconds: number) => Promise<{ member: string, score: number } | null>
}

/** Where the commands of schedules have the time of the call, behind their keys. */
const CALL_TIMES: ReadonlyMap<string, number> = new Map([['addJobScheduler', 17], ['updateJobScheduler', 16]])

/** BullMQ on Redis, by the clock of Redis. */
export function createClockedBackend (aheadMs: Ahead): typeof createRedisBackend {
  return (...given) => {
    const backend = createRedisBackend(...given)
    const commands = backend as unknown as Commands
    const { execCommand, moveToFinished, moveToActive, waitForJob } = commands
    const withUntil = <T extends Next | [] | undefined>(next: T): T => {
      if (next !== undefined && next.length > 0) next[3] = toLocalTime(next[3], aheadMs())
      return next
    }
    Object.assign(backend, {
      execCommand: (client: unknown, name: string, args: unknown[]) => {
        const place = CALL_TIMES.get(name)
        const given = place === undefined ? toDatastoreTimes(args, aheadMs()) : withCallTime(args, place, aheadMs())
        return execCommand.call(backend, client, name, given)
      },
      moveToFinished: (...args: unknown[]) => moveToFinished.call(backend, ...args).then(withUntil),
      moveToActive: (...args: unknown[]) => moveToActive.call(backend, ...args).then(withUntil),
      waitForJob: async (seconds: number) => {
        const found = await waitForJob.call(backend, seconds)
        return found === null ? null : { ...found, score: toLocalTime(found.score, aheadMs()) }
      }
    } satisfies Partial<Commands>)
    return backend
  }
}
