import type { Logger } from 'pino'
import type { Lookups, Definition } from '../lookups/lookups.ts'
import { wakeNext } from '../gates/wake.ts'
import type { Announce } from '../notifications/announce.ts'
import { OWN_QUEUES, type Queues, type WorkerHandle } from '../../queues/contract.ts'
import type { JobRunner } from './run-job.ts'
import { CANCEL_TOPIC } from '../jobs/stop.ts'

/** A message to cancel can be lost; the record cannot. */
const FIND_CANCELLED_MS = 5000

type Dependencies = {
  queues: Queues
  runner: JobRunner
  announce: Pick<Announce, 'job'>
  lookups: () => Lookups
  onLookups: (listener: (lookups: Lookups) => void) => void
  /** Processes served; empty means all. */
  processes: string[]
  concurrency: number
  /** Remembered with the jobs that run here. */
  name: string
  lockMs: number
  stalledMs: number
  log: Logger
  onError: (error: Error) => void
}

export interface Worker {
  /** Takes no new jobs, lets running ones finish for `ms`, and hands the rest back. */
  stop: (ms: number) => Promise<void>
}

/** One BullMQ worker per queue of the lookups, and per queue that still holds jobs. */
export async function startWorker ({ queues, runner, announce, lookups, onLookups, processes, concurrency, name, lockMs, stalledMs, log, onError }: Dependencies): Promise<Worker> {
  const handles = new Map<string, WorkerHandle>()
  let stopping = false

  /** Queue → room: the sum of what its processes may run at once here. */
  function served ({ processes: all }: Lookups): Map<string, number> {
    const rooms = new Map<string, number>()
    for (const definition of all.values()) {
      if ('external' in definition.run || !isServed(definition)) continue
      rooms.set(definition.queue, (rooms.get(definition.queue) ?? 0) + (definition.concurrency ?? concurrency))
    }
    for (const definition of all.values()) {
      if (rooms.has(definition.queue) && !isServed(definition)) log.warn({ process: definition.name, queue: definition.queue }, 'this worker serves it too: it shares the queue of one that was asked for')
    }
    return rooms
  }

  const serve = (queue: string, room: number): WorkerHandle => queues.worker(queue, runner.run, {
    concurrency: room,
    name,
    lockMs,
    stalledMs,
    onError,
    onEnded: (job) => {
      wakeNext(queues, lookups(), job).catch(onError)
      // Soon; the result poller does it for all that could not.
      announce.job(job).catch(onError)
    }
  })

  const isServed = ({ name }: Definition): boolean => processes.length === 0 || processes.includes(name)

  function follow (next: Lookups): void {
    if (stopping) return
    const rooms = served(next)
    for (const [queue, room] of rooms) {
      const handle = handles.get(queue)
      if (handle !== undefined) handle.setConcurrency(room)
      else handles.set(queue, serve(queue, room))
    }
    // A queue that the lookups no longer name is served on: what was accepted for it must come to an end.
    log.info({ queues: [...handles.keys()] }, 'worker serves')
  }

  /** Jobs on queues that the lookups do not name any more, left by a process that was moved or taken out. */
  async function followLeftOver (): Promise<void> {
    const named = new Set([...lookups().processes.values()].map(({ queue }) => queue))
    for (const queue of await queues.busyQueues()) {
      if (named.has(queue) || handles.has(queue) || OWN_QUEUES.has(queue)) continue
      log.warn({ queue }, 'a queue that the lookups do not name holds jobs: it is served on')
      handles.set(queue, serve(queue, concurrency))
    }
  }

  for (const name of processes) if (!lookups().processes.has(name)) log.warn({ process: name }, 'SIGNALBOX_PROCESSES names a process that the lookups do not')
  await queues.subscribe(CANCEL_TOPIC, ({ id }) => { if (typeof id === 'string') runner.stop(id, 'cancelled') })
  if (processes.length === 0) await followLeftOver()
  follow(lookups())
  onLookups(follow)
  const timer = setInterval(() => { runner.findCancelled().catch(onError) }, FIND_CANCELLED_MS)

  return {
    stop: async (ms) => {
      stopping = true
      clearInterval(timer)
      const late = setTimeout(runner.handBack, ms)
      await Promise.all([...handles.values()].map((handle) => handle.close()))
      clearTimeout(late)
    }
  }
}
