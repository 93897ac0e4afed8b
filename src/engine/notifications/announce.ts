import { createFacts } from '../filters/facts.ts'
import { digest, type DispatchEvent } from '../../base/event.ts'
import { gateIdOf } from '../dispatch/gate-key.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { CANCELLED_QUEUE, GATES_QUEUE, NOTIFICATIONS_QUEUE, type Queues, type StoredJob } from '../../queues/contract.ts'
import type { Closing, EventRecord } from '../record.ts'
import { endOf, eventNotice, jobNotice, type Hide, type Notice } from './notice.ts'
import type { Notify, Target } from '../../schemas/notify.ts'

/** The data of a job that tells somebody of an end. */
export type NotificationData = { target: Target, notice: Notice }

/**
 * Puts notices of what has ended on their queue. Each end makes one job for each who is told, however often it is
 * announced, because the id is made of both: the worker of a job announces its end at once, and the result poller does so
 * again before it closes the event, for all that no worker of ours could.
 */
export interface Announce {
  job: (job: Pick<StoredJob, 'queue' | 'id' | 'name'>) => Promise<void>
  jobs: (record: EventRecord) => Promise<void>
  event: (key: string, record: EventRecord, closing: Closing) => Promise<void>
}

type Dependencies = {
  queues: Pick<Queues, 'get' | 'getMany' | 'addJob'>
  lookups: () => Lookups
  hide: Hide
  /** The pauses between the tries, milliseconds. */
  delays: number[]
}

export function createAnnounce ({ queues, lookups, hide, delays }: Dependencies): Announce {
  const options = { attempts: delays.length + 1, backoff: { type: 'list' as const, delays } }

  async function add (notify: Notify[], notice: Notice, end: unknown): Promise<void> {
    const end_ = endOf(notice)
    await Promise.all(notify.filter(({ on }) => on.has(end_)).map(async ({ target }) => {
      const data: NotificationData = { target, notice }
      await queues.addJob({ queue: NOTIFICATIONS_QUEUE, id: `n${digest([notice.id, end, target])}`, name: target.kind, data, options })
    }))
  }

  const notifyOf = (processName: string): Notify[] => lookups().processes.get(processName)?.notify ?? []

  async function announce (job: StoredJob | undefined): Promise<void> {
    const found = job === undefined ? undefined : jobNotice(job, hide)
    if (found !== undefined) await add(notifyOf(found.notice.name), found.notice, found.endedAt)
  }

  return {
    job: async ({ queue, id, name }) => {
      if (notifyOf(name).length > 0) await announce(await queues.get(queue, id))
    },
    jobs: async ({ jobs }) => {
      const told = jobs.filter((job) => notifyOf(job.process).length > 0)
      const found = await queues.getMany(told.flatMap(({ queue, id }) => [{ queue, id }, { queue: CANCELLED_QUEUE, id }, { queue: GATES_QUEUE, id: gateIdOf(id) }]))
      await Promise.all(told.map((_, i) => announce(found[3 * i] ?? found[3 * i + 1] ?? found[3 * i + 2])))
    },
    event: async (key, record, closing) => {
      // A follow-on event that was refused has not been worked on.
      const notify = record.refused === undefined ? notifyOfEvent(lookups(), record.event) : []
      // It ends once, and once more for each retry of a job.
      if (notify.length > 0) await add(notify, eventNotice(key, record, closing, Date.now(), hide), record.reopened?.at ?? 0)
    }
  }
}

function notifyOfEvent ({ eventTypes, filters }: Lookups, event: DispatchEvent): Notify[] {
  const facts = createFacts(event)
  const matching = (filters?.all ?? []).filter(({ notify, clause }) => notify !== undefined && clause.decide(facts).holds === true)
  return [eventTypes.get(event.type), ...matching].flatMap((entry) => entry?.notify ?? [])
}
