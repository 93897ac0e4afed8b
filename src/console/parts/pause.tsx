import { useState } from 'preact/hooks'
import type { Act } from '../../schemas/parts.ts'
import { done, failed } from '../lib/notice.ts'
import { Action } from './action.tsx'
import { PausedBy } from './acts.tsx'
import { Sheet } from './sheet.tsx'
import { Status } from './status.tsx'

type Props = {
  /** What it is called: `process dump_dna`. */
  name: string
  /** What a pause does, for whoever is about to. */
  means: string
  paused: boolean
  acts?: Act[] | undefined
  pause: (note: string | undefined) => Promise<unknown>
  resume: () => Promise<unknown>
  reload: () => void
}

/** Pauses a thing, with a note on why; or lets it go on. */
export function Pause ({ name, means, paused, acts, pause, resume, reload }: Props) {
  const [isOpen, setOpen] = useState(false)
  const goOn = async (): Promise<void> => {
    await resume()
    done(`${name} goes on`)
    reload()
  }
  return (
    <span class='row'>
      {paused && <Status of='paused' />}
      {paused && <PausedBy acts={acts} />}
      <Action
        scope='operate'
        run={paused ? goOn : () => { setOpen(true) }}
        label={`${paused ? 'Resume' : 'Pause'} ${name}`}
      >
        {paused ? 'Resume' : 'Pause…'}
      </Action>
      {isOpen && (
        <Why
          name={name}
          means={means}
          pause={pause}
          close={() => {
            setOpen(false)
            reload()
          }}
        />
      )}
    </span>
  )
}

function Why ({ name, means, pause, close }: Pick<Props, 'name' | 'means' | 'pause'> & { close: () => void }) {
  const [note, setNote] = useState('')
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    try {
      await pause(note === '' ? undefined : note)
      done(`${name} is paused`)
      close()
    } catch (error) {
      failed(error)
    }
  }
  return (
    <Sheet title={`Pause ${name}`} close={close}>
      <form class='form' onSubmit={(event) => { void submit(event) }}>
        <p class='soft'>{means}</p>
        <label>
          Why, for who looks later
          <input autofocus maxLength={1000} value={note} onInput={(event) => { setNote(event.currentTarget.value) }} />
        </label>
        <p class='row'>
          <button type='submit' class='main'>Pause</button>
          <button type='button' onClick={close}>Leave it</button>
        </p>
      </form>
    </Sheet>
  )
}
