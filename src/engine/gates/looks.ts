import { lookAt, type Looking } from './look.ts'

/** Looks under way at once; more than these wait, and beyond that they are left to whoever takes what is due. */
const CONCURRENCY = 50
const MAX_WAITING = 10_000

/**
 * Looks at the gates to which units of this process have given cause: at each one look at a time, and one more queued.
 */
export interface Looks {
  woken: (gate: string, causes: string[]) => void
  /** Resolves when no look is under way; none begins after it. */
  close: () => Promise<void>
}

type State = {
  core: Looking
  onError: (error: Error) => void
  waiting: Map<string, string[]>
  underWay: Set<string>
  running: Set<Promise<void>>
  closed: boolean
}

export function createLooks (core: Looking, onError: (error: Error) => void): Looks {
  const state: State = { core, onError, waiting: new Map(), underWay: new Set(), running: new Set(), closed: false }
  return { woken: woken.bind(null, state), close: close.bind(null, state) }
}

function woken (state: State, gate: string, causes: string[]): void {
  const known = state.waiting.get(gate)
  if (state.closed || (known === undefined && state.waiting.size >= MAX_WAITING)) return
  state.waiting.set(gate, [...known ?? [], ...causes])
  start(state)
}

function start (state: State): void {
  for (const [gate, causes] of state.waiting) {
    if (state.underWay.size >= CONCURRENCY) return
    if (state.underWay.has(gate)) continue
    state.waiting.delete(gate)
    state.underWay.add(gate)
    const running = look(state, gate, causes).finally(() => { state.running.delete(running) })
    state.running.add(running)
  }
}

/** What fails stays due. */
async function look (state: State, gate: string, causes: string[]): Promise<void> {
  try {
    await lookAt(state.core, gate, causes)
  } catch (error) {
    state.onError(error instanceof Error ? error : new Error(String(error)))
  }
  state.underWay.delete(gate)
  if (!state.closed) start(state)
}

async function close (state: State): Promise<void> {
  state.closed = true
  state.waiting.clear()
  await Promise.all(state.running)
}
