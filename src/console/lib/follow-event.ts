import { timerMs } from '../../base/deadline.ts'
import { signal, type Signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { EventClientError } from '../../client/event-client-error.ts'
import { createLiveEvent, take, type LiveEvent } from './live-event.ts'
import { api, expire, isRefused } from './session.ts'

export type Following =
  | { kind: 'loading' | 'live' | 'polling' | 'ended' | 'off' }
  /** `since`: when it was last true; `next`: when it is tried again. Milliseconds. */
  | { kind: 'stale', since: number, next: number, error: Error }
  | { kind: 'gone', error: Error }

export type Followed = { live: LiveEvent, state: Signal<Following>, isOn: Signal<boolean>, again: () => void }

const POLL_MS = 3000
/** An event that has ended may begin again: somebody else retries a job of it. */
const LOOK_MS = 15_000
const MOST_WAIT_MS = 10_000

/** The tree of an event, live while the page is seen: a hidden one leaves its stream to others. */
export function useEvent (id: string, source: string | undefined): Followed {
  const followed = useMemo(
    () => ({
      live: createLiveEvent(),
      state: signal<Following>({ kind: 'loading' }),
      isOn: signal(true),
      wake: signal(0)
    }),
    [id, source]
  )
  const { wake } = followed
  useEffect(() => {
    const stop = new AbortController()
    void follow({ id, source, ...followed, signal: stop.signal })
    return () => {
      stop.abort()
    }
  }, [id, source, wake.value, followed.isOn.value])
  return {
    ...followed,
    again: () => {
      wake.value += 1
    }
  }
}

type Task = Omit<Followed, 'again'> & { id: string, source: string | undefined, signal: AbortSignal }

async function follow (task: Task): Promise<void> {
  const { state, signal: stop, isOn } = task
  if (!isOn.value) {
    state.value = { kind: 'off' }
    return
  }
  let failures = 0
  let since = Date.now()
  while (!stop.aborted) {
    await untilSeen(stop)
    try {
      const didEnd = await listen(task, () => {
        failures = 0
        since = Date.now()
      })
      if (!didEnd) continue
      state.value = { kind: 'ended' }
      await pause(LOOK_MS, stop)
    } catch (cause) {
      if (stop.aborted) return
      const error = cause instanceof Error ? cause : new Error(String(cause))
      if (isRefused(cause)) expire()
      if (cause instanceof EventClientError && cause.statusCode === 404) {
        state.value = { kind: 'gone', error }
        return
      }
      if (cause instanceof EventClientError && cause.code === 'TOO_MANY_STREAMS') {
        await poll(task)
        continue
      }
      const waitMs = Math.min(MOST_WAIT_MS, 1000 * 2 ** failures++)
      state.value = { kind: 'stale', since, next: Date.now() + waitMs, error }
      await pause(waitMs, stop)
    }
  }
}

/** Answers whether the event has ended; not where the page was hidden meanwhile. */
async function listen ({ id, source, live, state, signal: stop }: Task, heard: () => void): Promise<boolean> {
  const hidden = new AbortController()
  const hide = (): void => {
    if (document.hidden) hidden.abort()
  }
  document.addEventListener('visibilitychange', hide)
  try {
    for await (const message of api().stream(id, { source, signal: AbortSignal.any([stop, hidden.signal]) })) {
      take(live, message)
      heard()
      if (message.event === 'end') return true
      if (state.peek().kind !== 'live') state.value = { kind: 'live' }
    }
    return true
  } catch (error) {
    if (hidden.signal.aborted && !stop.aborted) return false
    throw error
  } finally {
    document.removeEventListener('visibilitychange', hide)
  }
}

/** Where the service has no room for a further stream, it is asked again and again. */
async function poll ({ id, source, live, state, signal: stop }: Task): Promise<void> {
  state.value = { kind: 'polling' }
  take(live, { event: 'snapshot', data: await api().getEvent(id, { source, signal: stop }) })
  await pause(POLL_MS, stop)
}

async function untilSeen (stop: AbortSignal): Promise<void> {
  while (document.hidden && !stop.aborted) {
    await new Promise<void>((resolve) => {
      document.addEventListener(
        'visibilitychange',
        () => {
          resolve()
        },
        { once: true, signal: stop }
      )
      stop.addEventListener(
        'abort',
        () => {
          resolve()
        },
        { once: true }
      )
    })
  }
}

async function pause (ms: number, stop: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timerMs(ms))
    stop.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true }
    )
  })
}
