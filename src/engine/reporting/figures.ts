import type { Ledger } from '../../ledger/contract.ts'
import type { Stats, StatsStep, WorkerView } from '../../schemas/stats.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { readPresences, type Seen } from '../worker/presence.ts'
import { readStats } from './stats.ts'

/** How the service does, for people who look at it. */
export interface Figures {
  /** `name`: of this process alone. */
  stats: (since: number | undefined, step: StatsStep, name?: string) => Promise<Stats>
  workers: () => Promise<{ items: WorkerView[] }>
}

type Dependencies = { ledger: Pick<Ledger, 'get' | 'list' | 'count'>, lookups: () => Lookups, now: () => number }

const DAY_MS = 86_400_000

export function createFigures (state: Dependencies): Figures {
  return {
    stats: (since = state.now() - DAY_MS, step, name) => readStats(state, since, step, name),
    workers: async () => ({ items: (await readPresences(state.ledger, state.now())).map(toView) })
  }
}

function toView ({ id, name, host, version, processes, running, runningCount, started, at, lost }: Seen): WorkerView {
  const time = (ms: number): string => new Date(ms).toISOString()
  return {
    id,
    name,
    host,
    version,
    processes,
    running: running.map(({ process: processName, job, since }) => ({ process: processName, job, since: time(since) })),
    running_count: runningCount,
    started: time(started),
    last_seen: time(at),
    lost
  }
}
