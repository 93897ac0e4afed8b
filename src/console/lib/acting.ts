import type { JobAddress } from '../../schemas/jobs.ts'
import type { RetryAnswer } from '../../schemas/redrive.ts'
import { api } from './session.ts'

/** What one request has done, or would do. */
export type Acted = { done: JobAddress[], skipped: RetryAnswer['skipped'] }
/** Does something to many jobs, request after request; with `dryRun` it is only told what would be done. */
export type Act = (dryRun: boolean, note?: string) => AsyncGenerator<Acted, void, undefined>

/** So many in a request, so that it is seen how far it is. */
const PIECE = 25
const MOST = 1000

export const retryNamed = (jobs: JobAddress[]): Act => async function * (dryRun) {
  for (const piece of piecesOf(jobs, dryRun)) {
    const { retried, skipped } = await api().retryJobs({ jobs: piece, dry_run: dryRun })
    yield { done: retried, skipped }
  }
}

export const dismissNamed = (jobs: JobAddress[]): Act => async function * (dryRun, note) {
  for (const piece of piecesOf(jobs, dryRun)) {
    const { dismissed, skipped } = await api().dismissJobs({ jobs: piece, note, dry_run: dryRun })
    yield { done: dismissed, skipped }
  }
}

/** All that has failed under an event, also what the page does not show. */
export const retryTree = (id: string): Act => (dryRun) =>
  untilDone(dryRun, async () => {
    const { retried, skipped, next } = await api().retryEvent(id, { dryRun })
    return { done: retried, skipped, next }
  })

/** All that has not ended under an event. */
export const cancelTree = (id: string): Act => (dryRun) =>
  untilDone(dryRun, async () => {
    const { cancelled, stopping, next } = await api().cancelEvent(id, { dryRun })
    return { done: [...cancelled, ...stopping], skipped: [], next }
  })

type Asked = Acted & { next: string | null }

/** The same request again as long as it does more; what fails again at once is not retried for ever. */
async function * untilDone (dryRun: boolean, ask: () => Promise<Asked>): AsyncGenerator<Acted, void, undefined> {
  const seen = new Set<string>()
  for (let isOver = false; !isOver;) {
    const { done, skipped, next } = await ask()
    const fresh = done.filter(([, id]) => !seen.has(id))
    for (const [, id] of fresh) seen.add(id)
    yield { done: fresh, skipped }
    isOver = dryRun || next === null || fresh.length === 0
  }
}

function * piecesOf (jobs: JobAddress[], dryRun: boolean): Generator<JobAddress[], void, undefined> {
  const size = dryRun ? MOST : PIECE
  for (let start = 0; start < jobs.length; start += size) yield jobs.slice(start, start + size)
}
