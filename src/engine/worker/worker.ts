import type { Logger } from 'pino'
import { timerMs } from '../../base/deadline.ts'
import type { WorkerHandle, Work } from '../../queues/work.ts'
import { CANCEL_TOPIC } from '../jobs/stop.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import { runOf } from '../dispatch/run.ts'
import { OWN_QUEUES } from '../own-queues.ts'
import type { JobRunner } from './run-job.ts'
import { HOLDERS_TOPIC } from './take-over.ts'

/** A message to cancel can be lost; the document cannot. */
const FIND_CANCELLED_MS = 5000

type Dependencies = {
  work: Pick<Work, 'worker' | 'subscribe' | 'busyQueues'>
  runner: JobRunner
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

type State = Dependencies & { handles: Map<string, WorkerHandle>, stopping: boolean }

export interface Worker {
  /** Takes no new jobs, lets running ones finish for `ms`, and hands the rest back. */
  stop: (ms: number) => Promise<void>
}

/** One BullMQ worker per queue of the lookups, and per queue that still holds jobs. */
export async function startWorker (dependencies: Dependencies): Promise<Worker> {
  const state: State = { ...dependencies, handles: new Map(), stopping: false }
  const { work, runner, lookups, onLookups, processes, log, onError } = state
  for (const name of processes) {
    if (!lookups().processes.has(name)) {
      log.warn({ process: name }, 'SIGNALBOX_PROCESSES names a process that the lookups do not')
    }
  }
  await work.subscribe(CANCEL_TOPIC, ({ id }) => { if (typeof id === 'string') runner.stop(id, 'cancelled') })
  await work.subscribe(HOLDERS_TOPIC, (message) => { runner.answer(runOf('', message)).catch(onError) })
  if (processes.length === 0) await followLeftOver(state)
  follow(state, lookups())
  onLookups((next) => { follow(state, next) })
  const timer = setInterval(() => { runner.findCancelled().catch(onError) }, FIND_CANCELLED_MS)
  return {
    stop: async (ms) => {
      state.stopping = true
      clearInterval(timer)
      const late = setTimeout(runner.handBack, timerMs(ms))
      await Promise.all([...state.handles.values()].map((handle) => handle.close()))
      clearTimeout(late)
    }
  }
}

/** Queue → room: the sum of what its processes may run at once here. */
function served ({ processes, concurrency, log }: State, { processes: all }: Lookups): Map<string, number> {
  const isServed = ({ name }: Definition): boolean => processes.length === 0 || processes.includes(name)
  const rooms = new Map<string, number>()
  for (const definition of all.values()) {
    if ('external' in definition.run || !isServed(definition)) continue
    rooms.set(definition.queue, (rooms.get(definition.queue) ?? 0) + (definition.concurrency ?? concurrency))
  }
  for (const definition of all.values()) {
    if (rooms.has(definition.queue) && !isServed(definition)) {
      log.warn(
        { process: definition.name, queue: definition.queue },
        'this worker serves it too: it shares the queue of one that was asked for'
      )
    }
  }
  return rooms
}

function serve (
  { work, runner, name, lockMs, stalledMs, log, onError }: State,
  queue: string,
  room: number
): WorkerHandle {
  const onLate = (message: string): void => {
    log.info({ queue, reason: message }, 'a worker that was slow had lost its job')
  }
  return work.worker(queue, runner.run, { concurrency: room, name, lockMs, stalledMs, onLate, onError })
}

/** A queue that the lookups no longer name is served on: what was accepted for it must come to an end. */
function follow (state: State, next: Lookups): void {
  const { handles, stopping, log } = state
  if (stopping) return
  for (const [queue, room] of served(state, next)) {
    const handle = handles.get(queue)
    if (handle !== undefined) handle.setConcurrency(room)
    else handles.set(queue, serve(state, queue, room))
  }
  log.info({ queues: [...handles.keys()] }, 'worker serves')
}

/** Jobs on queues that the lookups do not name any more, left by a process that was moved or taken out. */
async function followLeftOver (state: State): Promise<void> {
  const { work, lookups, handles, concurrency, log } = state
  const named = new Set([...lookups().processes.values()].map(({ queue }) => queue))
  for (const queue of await work.busyQueues()) {
    if (named.has(queue) || handles.has(queue) || OWN_QUEUES.has(queue)) continue
    log.warn({ queue }, 'a queue that the lookups do not name holds jobs: it is served on')
    handles.set(queue, serve(state, queue, concurrency))
  }
}
