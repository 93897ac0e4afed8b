import type { Stats, StatsStep, WorkerView } from '../../schemas/stats.ts'
import type { Calls } from '../calls.ts'
import { toInstant } from './pages.ts'

type StatsOptions = { since?: string | Date | undefined, step?: StatsStep | undefined, process?: string | undefined }

export const figures = ({ ask }: Calls) => ({
  /** Events and jobs by hour or day, type and process, and what is open now; of one `process` where it is named. */
  async stats ({ since, step, process: name }: StatsOptions = {}): Promise<Stats> {
    return await ask('stats', { query: { since: toInstant(since), step, process: name } })
  },

  async workers (): Promise<{ items: WorkerView[] }> {
    return await ask('listWorkers')
  }
})
