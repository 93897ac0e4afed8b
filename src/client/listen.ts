import type { EventTree } from '../schemas/events.ts'
import type { StreamMessage } from '../schemas/stream.ts'
import { EventClientError } from './event-client-error.ts'
import { createLiveTree } from './live-tree.ts'
import type { PollOptions } from './poll.ts'

const MAX_TIMER_MS = 2 ** 31
/** What an older service answers, what is no Signalbox does, and what a proxy that keeps streams back comes to. */
const UNSTREAMED = new Set(['NOT_FOUND', 'HTTP_404', 'INVALID_ANSWER', 'TIMEOUT'])

/**
 * Returns at the end of the event, when the time is up, and where the stream cannot be had: what then is, is to be asked
 * for. Answers whether it is worth while to ask this service for a stream again.
 */
export async function listen (open: (signal: AbortSignal) => AsyncIterable<StreamMessage>, { timeoutMs = Infinity, onUpdate, signal }: PollOptions<EventTree>): Promise<boolean> {
  const late = new AbortController()
  const timer = timeoutMs < MAX_TIMER_MS ? setTimeout(() => { late.abort() }, timeoutMs) : undefined
  const tree = createLiveTree()
  try {
    for await (const message of open(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]))) {
      if (message.event === 'end' || onUpdate === undefined) continue
      const update = tree.take(message)
      if (update !== undefined) onUpdate(update)
    }
    return true
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    if (late.signal.aborted) return true
    if (!(error instanceof EventClientError)) throw error
    return !UNSTREAMED.has(error.code)
  } finally {
    clearTimeout(timer)
  }
}
