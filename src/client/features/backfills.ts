import { uuidv7 } from 'uuidv7'
import type { BackfillPlan, BackfillView, BackfillWindow, WindowStatus } from '../../schemas/backfills.ts'
import type { NewBackfill, Page } from '../answers.ts'
import type { Calls } from '../calls.ts'
import { follow, type FollowOptions } from '../follow.ts'
import type { PageOptions, Signal } from '../requests.ts'

export const backfills = ({ ask }: Calls) => {
  async function getBackfill (id: string, { signal }: Signal = {}): Promise<BackfillView> {
    return await ask('getBackfill', { in: [id], signal })
  }

  return {
    getBackfill,

    /**
     * Starts a backfill. One without `id` gets one here, so that it starts once however often this call has to send it.
     */
    async startBackfill (backfill: NewBackfill): Promise<BackfillView> {
      return await ask('startBackfill', { body: { ...backfill, id: backfill.id ?? uuidv7() } })
    },

    /** How many events it would submit, and what each would start. Submits none. */
    async planBackfill (backfill: NewBackfill): Promise<BackfillPlan> {
      return await ask('startBackfill', { query: { dry_run: true }, body: backfill })
    },

    /** One page of its windows, in their order. */
    async listBackfillWindows (
      id: string,
      { status, limit, cursor }: PageOptions & { status?: WindowStatus | undefined } = {}
    ): Promise<Page<BackfillWindow>> {
      return await ask('listBackfillWindows', { in: [id], query: { status, limit, cursor } })
    },

    /** Submits no windows until it is resumed; those that run go on. */
    async pauseBackfill (id: string): Promise<BackfillView> {
      return await ask('pauseBackfill', { in: [id] })
    },

    async resumeBackfill (id: string): Promise<BackfillView> {
      return await ask('resumeBackfill', { in: [id] })
    },

    /** How many of its windows run at once, from now on. */
    async setBackfillConcurrency (id: string, concurrency: number): Promise<BackfillView> {
      return await ask('setBackfillConcurrency', { in: [id], body: { concurrency } })
    },

    /** One page, newest first. */
    async listBackfills ({ limit, cursor }: PageOptions = {}): Promise<Page<BackfillView>> {
      return await ask('listBackfills', { query: { limit, cursor } })
    },

    /** Submits no more windows; those that run go on. */
    async cancelBackfill (id: string): Promise<BackfillView> {
      return await ask('cancelBackfill', { in: [id] })
    },

    /** Runs the windows that failed again, as new events. */
    async retryBackfill (id: string): Promise<BackfillView> {
      return await ask('retryBackfill', { in: [id] })
    },

    /** Resolves when the backfill submits nothing more and nothing of it runs, or as it is after `timeoutMs`. */
    async waitForBackfill (id: string, options: FollowOptions<BackfillView> = {}): Promise<BackfillView> {
      const askAgain = (): Promise<BackfillView> => getBackfill(id, { signal: options.signal })
      return await follow({ ask: askAgain, isEnd: ({ ended }) => ended !== null }, options)
    }
  }
}
