import { useEffect, useState } from 'preact/hooks'
import { field, setQuery } from '../lib/router.ts'

/** A text of the address of the page by which a list is narrowed, once it has been written. */
export function TextFilter ({ name, label }: { name: string, label: string }) {
  const taken = field(name)
  // What is being written stays, though the page is drawn again meanwhile.
  const [written, write] = useState(taken)
  useEffect(() => { write(taken) }, [taken])
  return (
    <label>
      {label}
      <input
        value={written}
        onInput={(event) => { write(event.currentTarget.value) }}
        onChange={(event) => { setQuery({ [name]: event.currentTarget.value }) }}
      />
    </label>
  )
}
