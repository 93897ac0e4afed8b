import type { Followed } from '../../lib/follow-event.ts'
import { length, now, seconds } from '../../lib/time.ts'

/** Whether what is shown is true now, and since when it is not. */
export function LiveState ({ followed: { state, isOn, again } }: { followed: Followed }) {
  const { value } = state
  const toggle = (): void => {
    isOn.value = !isOn.value
  }
  if (value.kind === 'stale') {
    return (
      <p class='note warn live' role='alert'>
        <strong>Stale since {seconds(value.since)}</strong>, trying again in{' '}
        {length(Math.max(0, value.next - now.value))}. {value.error.message}{' '}
        <button type='button' onClick={again}>
          Try now
        </button>
      </p>
    )
  }
  if (value.kind === 'gone' || value.kind === 'loading') return null
  const word = { live: 'live', ended: 'ended', polling: 'asking every 3 s', off: 'not live' }[value.kind]
  return (
    <button
      type='button'
      class='quiet live'
      aria-pressed={isOn.value}
      title='Follow what changes (.)'
      onClick={toggle}
    >
      <span class={value.kind === 'live' ? 'mark good' : 'mark off'} aria-hidden='true'>
        ●
      </span>
      {word}
    </button>
  )
}
