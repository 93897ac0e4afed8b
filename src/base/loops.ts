import { timerMs } from './deadline.ts'
import { inTime } from './timeout.ts'

type Act = () => Promise<unknown>

/** Something that is done again and again for as long as the process lives; done twice at once it does no harm. */
export type Loop = {
  /** For people: in `/ready`, in the metrics and in the log. */
  name: string
  act: Act
  /** The pause after a turn; without one it is done only when somebody says so. */
  everyMs?: number | undefined
  /** A turn that has not ended by then is given up, and another is begun. */
  silentMs?: number
}

export interface RunningLoop {
  /** Does it after `ms` at the latest, whatever its pause is. */
  soon: (ms?: number) => void
  /** Waits for the turn that is under way. Idempotent. */
  close: () => Promise<void>
}

/** The loops of a process, each of which goes on whatever becomes of one turn. */
export interface Loops {
  start: (loop: Loop) => RunningLoop
  /** The names of those whose turns fail, one after the other, or do not end. */
  unserved: () => string[]
}

const SILENT_MS = 60_000
/** One failure happens; so many in a row are a loop that does nothing. */
const MOST_FAILURES = 3
/** The pause after a failure is twice the last one, up to this: what is away comes back, and then work waits. */
const AGAIN_MS = 500
const AGAIN_MAX_MS = 5000

type State = Required<Omit<Loop, 'everyMs'>> & {
  everyMs: number | undefined
  onError: (error: Error) => void
  failures: number
  timer: NodeJS.Timeout | undefined
  /** Those who want it earlier. */
  asked: Set<NodeJS.Timeout>
  turn: Promise<void> | undefined
  isWanted: boolean
  isClosed: boolean
}

export function createLoops (onError: (error: Error) => void): Loops {
  const all = new Set<State>()
  return {
    start: ({ name, act, everyMs, silentMs = SILENT_MS }) => {
      const state: State = {
        name,
        act,
        everyMs,
        silentMs,
        onError,
        failures: 0,
        timer: undefined,
        asked: new Set(),
        turn: undefined,
        isWanted: false,
        isClosed: false
      }
      all.add(state)
      plan(state)
      return {
        soon: (ms = 0) => { soon(state, ms) },
        close: async () => {
          all.delete(state)
          await close(state)
        }
      }
    },
    unserved: () => [...all].filter(({ failures }) => failures >= MOST_FAILURES).map(({ name }) => name)
  }
}

function plan (state: State): void {
  const { failures, everyMs, isWanted, isClosed } = state
  if (isClosed) return
  const pauseMs = failures > 0
    ? Math.min(AGAIN_MS * 2 ** (failures - 1), AGAIN_MAX_MS)
    : isWanted ? 0 : everyMs
  if (pauseMs !== undefined) state.timer = setTimeout(() => { begin(state) }, timerMs(pauseMs))
}

function soon (state: State, ms: number): void {
  if (state.isClosed) return
  const timer = setTimeout(() => {
    state.asked.delete(timer)
    if (state.turn !== undefined) state.isWanted = true
    else begin(state)
  }, timerMs(ms))
  state.asked.add(timer)
}

function begin (state: State): void {
  clearTimeout(state.timer)
  state.isWanted = false
  state.turn = turn(state).finally(() => {
    state.turn = undefined
    plan(state)
  })
}

async function turn (state: State): Promise<void> {
  const { name, act, silentMs, onError } = state
  // Also what is thrown at once is a failure of the turn.
  const doing = (async () => { await act() })()
  const silent = Symbol('silent')
  try {
    // One that does not end would end the loop: it is left alone.
    if (await inTime(doing, silentMs, silent) === silent) {
      state.failures = Math.max(state.failures, MOST_FAILURES - 1)
      throw new Error(`${name}: nothing has come of it for ${Math.round(silentMs / 1000)} s, and it is begun anew`)
    }
    state.failures = 0
  } catch (error) {
    state.failures++
    onError(error as Error)
  }
}

async function close (state: State): Promise<void> {
  state.isClosed = true
  clearTimeout(state.timer)
  for (const timer of state.asked) clearTimeout(timer)
  await state.turn
}
