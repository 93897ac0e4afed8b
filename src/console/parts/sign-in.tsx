import { useState } from 'preact/hooks'
import { go, place } from '../lib/router.ts'
import { enter, session } from '../lib/session.ts'
import { text } from '../lib/text.ts'

/** Asks for the key. It is kept by this browser alone, until its tab is closed unless asked for longer. */
export function SignIn ({ problem }: { problem: string }) {
  const [key, setKey] = useState('')
  const [remember, setRemember] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    await enter(key, remember)
    if (session.value !== undefined) leaveForTarget()
  }
  return (
    <main class='sign-in'>
      <form
        class='card'
        onSubmit={(event) => {
          void submit(event)
        }}
      >
        <h1>
          <Lamp /> Signalbox
        </h1>
        <p class='soft'>{text.signIn.hint}</p>
        {problem !== '' && (
          <p class='note bad' role='alert'>
            {problem}
          </p>
        )}
        <label>
          Key
          <input
            id='key'
            type='password'
            autocomplete='current-password'
            required
            spellcheck={false}
            autofocus
            value={key}
            onInput={(event) => {
              setKey(event.currentTarget.value)
            }}
          />
        </label>
        <label class='check'>
          <input
            type='checkbox'
            checked={remember}
            onChange={(event) => {
              setRemember(event.currentTarget.checked)
            }}
          />
          Remember it on this device
        </label>
        <button type='submit' class='main'>
          {text.signIn.title}
        </button>
      </form>
    </main>
  )
}

/** To the page that asked for the key: one of ours, or the documentation or the board. */
function leaveForTarget (): void {
  if (place.value.path !== '/sign-in') return
  const target = place.value.query.get('to') ?? ''
  if (/^\/(docs|board)(\/|$|\?)/.test(target)) location.assign(target)
  else go('/console/')
}

export function Lamp () {
  return (
    <svg class='lamp' viewBox='0 0 16 24' aria-hidden='true'>
      <rect x='2' width='12' height='20' rx='6' />
      <circle class='off' cx='8' cy='6' r='3' />
      <circle class='on' cx='8' cy='14' r='3' />
      <path d='M8 20v4' />
    </svg>
  )
}
