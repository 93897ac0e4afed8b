import { timerMs } from '../../base/deadline.ts'
import { useEffect, useRef, useState } from 'preact/hooks'
import { EventClientError } from '../../client/event-client-error.ts'
import { expire, isRefused } from './session.ts'

export type Loaded<T> = {
  data: T | undefined
  error: Error | undefined
  /** When the data came, milliseconds; they stay while a further try fails. */
  at: number
  reload: () => void
}

type Kept<T> = Pick<Loaded<T>, 'data' | 'error' | 'at'> & { key: string }

type Options = {
  /** How often it is asked again while the page is seen; not at all unless given. */
  everyMs?: number
}

/** Asks the service for what a page shows: at once, when `key` changes, again and again while the page is seen. */
export function useLoad<T> (key: string, read: (signal: AbortSignal) => Promise<T>, options: Options = {}): Loaded<T> {
  const { everyMs } = options
  const [kept, keep] = useState<Kept<T>>({ key, data: undefined, error: undefined, at: 0 })
  const [tries, setTries] = useState(0)
  const reader = useRef(read)
  reader.current = read

  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      const waitMs = document.hidden ? undefined : await attempt(key, reader.current, keep, stop.signal)
      if (everyMs === undefined || stop.signal.aborted) return
      timer = setTimeout(() => { void ask() }, timerMs(waitMs ?? everyMs))
    }
    const wake = (): void => {
      if (document.hidden || everyMs === undefined) return
      clearTimeout(timer)
      void ask()
    }
    void attemptFirst(ask)
    document.addEventListener('visibilitychange', wake)
    return () => {
      stop.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', wake)
    }
  }, [key, tries, everyMs])

  const isOurs = kept.key === key
  return {
    data: isOurs ? kept.data : undefined,
    error: isOurs ? kept.error : undefined,
    at: isOurs ? kept.at : 0,
    reload: () => { setTries((n) => n + 1) }
  }
}

const attemptFirst = async (ask: () => Promise<void>): Promise<void> => { await ask() }

type Keep<T> = (next: (before: Kept<T>) => Kept<T>) => void

/** Answers how long the service asked to be left alone, where it did. */
async function attempt<T> (
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  keep: Keep<T>,
  signal: AbortSignal
): Promise<number | undefined> {
  try {
    const data = await read(signal)
    if (!signal.aborted) keep(() => ({ key, data, error: undefined, at: Date.now() }))
  } catch (cause) {
    if (signal.aborted) return undefined
    if (isRefused(cause)) expire()
    const error = cause instanceof Error ? cause : new Error(String(cause))
    keep((before) => before.key === key ? { ...before, error } : { key, data: undefined, error, at: 0 })
    return cause instanceof EventClientError ? cause.retryAfterMs : undefined
  }
  return undefined
}
