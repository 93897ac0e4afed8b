import { timerMs } from '../../base/deadline.ts'

type Timed = { everyMs: number, act: () => Promise<void> }

/** Things done again and again, each with a pause after it has ended. */
export interface Timers {
  /** Does something besides, once, after `ms`. */
  once: (ms: number, act: () => Promise<void>) => void
  /** Waits for what is under way. Idempotent. */
  close: () => Promise<void>
}

type State = {
  onError: (error: Error) => void
  timers: Set<NodeJS.Timeout>
  underWay: Set<Promise<void>>
  closed: boolean
}

export function startTimers (onError: (error: Error) => void, all: Timed[]): Timers {
  const state: State = { onError, timers: new Set(), underWay: new Set(), closed: false }
  for (const one of all) again(state, one)
  return {
    once: (ms, act) => { later(state, ms, act) },
    close: async () => {
      state.closed = true
      for (const timer of state.timers) clearTimeout(timer)
      await Promise.all(state.underWay)
    }
  }
}

function again (state: State, { everyMs, act }: Timed): void {
  later(state, everyMs, async () => {
    try {
      await act()
    } finally {
      again(state, { everyMs, act })
    }
  })
}

function later (state: State, ms: number, act: () => Promise<void>): void {
  if (state.closed) return
  const timer = setTimeout(() => {
    state.timers.delete(timer)
    const doing = act().catch(state.onError).finally(() => { state.underWay.delete(doing) })
    state.underWay.add(doing)
  }, timerMs(ms))
  state.timers.add(timer)
}
