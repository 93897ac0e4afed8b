import type { IQueueBackend } from 'bullmq'
import { timerMs } from '../../base/deadline.ts'

/** What of BullMQ's worker is needed here. */
type Loop = {
  run: () => Promise<void>
  close: () => Promise<void>
  getBackend: () => Pick<IQueueBackend, 'waitForJob' | 'moveToActive' | 'maximumBlockTimeout'>
}

type Settings<L> = {
  make: () => L
  /** Whether there is no room for another job: then nothing is asked for. */
  isFull: () => boolean
  /** A loop that has not come round for so long is made anew. */
  silentMs?: number | undefined
  onError: (error: Error) => void
}

type State<L> = Settings<L> & {
  silentMs: number
  loop: L
  /** When it last asked for a job and was answered. */
  turnedAt: number
  /** How often it was made anew since it last turned. */
  failures: number
  again: NodeJS.Timeout | undefined
  watching: NodeJS.Timeout
  isClosing: boolean
}

export interface Supervised<L> {
  /** The one that works now. */
  loop: () => L
  /** Somebody got a job. */
  turned: () => void
  /** Whether it asks for jobs and is answered, as far as can be seen. */
  isServing: () => boolean
  close: () => Promise<void>
}

/** It asks every five seconds where nothing comes; a busy machine and a slow line have time left. */
const SERVING_MS = 20_000
const SILENT_MS = 30_000
const LOOK_MS = 2000
const AGAIN_MS = 500
const AGAIN_MAX_MS = 30_000
/** Seconds; BullMQ would wait for an hour on PostgreSQL, and nobody could tell that from a loop that hangs. */
const BLOCK_S = 10

/**
 * BullMQ's loop may end for good, or wait for something that never comes, while everything around it looks well. Here
 * it is made anew, each time after a longer pause. What the old one still runs, it runs to the end.
 */
export function supervise<L extends Loop> (settings: Settings<L>): Supervised<L> {
  const state: State<L> = {
    ...settings,
    silentMs: settings.silentMs ?? SILENT_MS,
    loop: settings.make(),
    turnedAt: performance.now(),
    failures: 0,
    again: undefined,
    watching: setInterval(() => { look(state) }, LOOK_MS),
    isClosing: false
  }
  start(state)
  return {
    loop: () => state.loop,
    turned: () => { turned(state) },
    isServing: () => state.isFull() || performance.now() - state.turnedAt < SERVING_MS,
    close: () => close(state)
  }
}

function turned (state: State<Loop>): void {
  state.turnedAt = performance.now()
  state.failures = 0
}

function start (state: State<Loop>): void {
  const { loop } = state
  listen(state, loop.getBackend())
  const ended = (error?: Error): void => {
    if (state.isClosing || state.loop !== loop) return
    state.onError(new Error('a worker has ended and is made anew', { cause: error }))
    anew(state)
  }
  loop.run().then(() => { ended() }, ended)
}

/** Notes whenever the loop is answered. */
function listen (state: State<Loop>, backend: ReturnType<Loop['getBackend']>): void {
  const waitForJob = backend.waitForJob.bind(backend)
  const moveToActive = backend.moveToActive.bind(backend)
  Object.assign(backend, {
    waitForJob: async (...given: Parameters<typeof waitForJob>) => {
      const found = await waitForJob(...given)
      turned(state)
      return found
    },
    moveToActive: async (...given: Parameters<typeof moveToActive>) => {
      const found = await moveToActive(...given)
      turned(state)
      return found
    }
  })
  const most = Math.min(backend.maximumBlockTimeout ?? BLOCK_S, BLOCK_S)
  Object.defineProperty(backend, 'maximumBlockTimeout', { value: most, configurable: true })
}

function look (state: State<Loop>): void {
  const { silentMs, turnedAt, isFull, failures, onError } = state
  if (isFull() || state.again !== undefined) return
  const silence = performance.now() - turnedAt
  if (silence < silentMs * 2 ** Math.min(failures, 4)) return
  onError(new Error(`a worker has asked for nothing for ${Math.round(silence / 1000)} s and is made anew`))
  anew(state)
}

function anew (state: State<Loop>): void {
  const { loop, failures, onError, make } = state
  // It may never end: nobody waits for it. What it runs, the one who closes all waits for.
  loop.close().catch(onError)
  state.failures++
  state.again = setTimeout(() => {
    state.again = undefined
    if (state.isClosing) return
    state.loop = make()
    start(state)
  }, timerMs(Math.min(AGAIN_MS * 2 ** failures, AGAIN_MAX_MS)))
}

async function close (state: State<Loop>): Promise<void> {
  state.isClosing = true
  clearInterval(state.watching)
  clearTimeout(state.again)
  // One that was given up, and has no successor yet, may never end.
  if (state.again === undefined) await state.loop.close()
}
