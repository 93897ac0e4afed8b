import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { EventClientError } from '../../client/event-client-error.ts'
import type { Loaded } from '../lib/load.ts'
import { relative } from '../lib/time.ts'

type Props<T> = { load: Loaded<T>, children: (data: T) => ComponentChildren }

/** What was loaded; a skeleton until then, and the reason where it could not be. Old data stay, told as such. */
export function Shown<T> ({ load: { data, error, at, reload }, children }: Props<T>) {
  return (
    <>
      {error !== undefined && <Problem error={error} reload={reload} at={data === undefined ? 0 : at} />}
      {data === undefined
        ? (
            error === undefined && <Skeleton />
          )
        : (
          <div class={error === undefined ? 'shown' : 'shown stale'}>{children(data)}</div>
          )}
    </>
  )
}

function Problem ({ error, reload, at }: { error: Error, reload: () => void, at: number }) {
  const isGone = error instanceof EventClientError && error.statusCode === 404
  return (
    <div class='note bad' role='alert'>
      <p>
        <strong>{isGone ? 'There is no such thing here (any more)' : 'This could not be loaded'}</strong>{' '}
        {error.message}
      </p>
      {isGone && (
        <p>
          What has ended is removed after the retention; <code>signalbox export</code> keeps a history for longer.
        </p>
      )}
      {at !== 0 && <p>What stands below is from {relative(at)}.</p>}
      <p>
        <button type='button' onClick={reload}>
          Try again
        </button>
        {error instanceof EventClientError && <code class='code'>{error.code}</code>}
      </p>
    </div>
  )
}

const BLINK_MS = 300

/** Drawn when an answer takes longer than a blink. */
export function Skeleton () {
  const [isDue, setDue] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => {
      setDue(true)
    }, BLINK_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [])
  return isDue
    ? (
      <div class='skeleton' role='status' aria-label='Loading'>
        <i />
        <i />
        <i />
        <i />
      </div>
      )
    : (
      <div class='skeleton' />
      )
}

export function Empty ({ children }: { children: ComponentChildren }) {
  return <p class='empty'>{children}</p>
}
