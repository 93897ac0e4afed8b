import { uuidv7 } from 'uuidv7'
import type { BackfillView } from '../../schemas/backfills.ts'
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
