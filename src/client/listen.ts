import type { EventTree } from '../schemas/events.ts'
import type { StreamMessage } from '../schemas/stream.ts'
import { EventClientError } from './event-client-error.ts'
import type { FollowOptions } from './follow.ts'
import { createLiveTree } from './live-tree.ts'

/** What an older service answers, what is no Signalbox does, and what a proxy that keeps streams back comes to. */
const UNSTREAMED = new Set(['NOT_FOUND', 'HTTP_404', 'INVALID_ANSWER', 'TIMEOUT'])

type Open = (until: AbortSignal) => AsyncIterable<StreamMessage>
type Listen = (
  open: Open,
  late: AbortSignal,
  options: Pick<FollowOptions<EventTree>, 'onUpdate' | 'signal'>
) => Promise<void>

/**
 * Listens to the streams of one service. Returns at the end of the event, when it is late, and
 * where the stream cannot be had. A service that has no streams is not asked for one again.
 */
export function createListen (): Listen {
  let isStreamed = true
  return async (open, late, { onUpdate, signal }) => {
    if (!isStreamed) return
    const tree = createLiveTree()
    try {
      for await (const message of open(signal === undefined ? late : AbortSignal.any([signal, late]))) {
        const update = message.event === 'end' || onUpdate === undefined ? undefined : tree.take(message)
        if (update !== undefined) onUpdate?.(update)
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (late.aborted) return
      if (!(error instanceof EventClientError)) throw error
      isStreamed = !UNSTREAMED.has(error.code)
    }
  }
}
