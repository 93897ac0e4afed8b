import { field, setQuery } from '../lib/router.ts'

/** A text of the address of the page by which a list is narrowed; `isLive`: with each letter. */
export function TextFilter ({ name, label, isLive = false }: { name: string, label: string, isLive?: boolean }) {
  const take = (event: { currentTarget: HTMLInputElement }): void => {
    setQuery({ [name]: event.currentTarget.value })
  }
  return (
    <label>
      {label}
      <input value={field(name)} {...isLive ? { onInput: take } : { onChange: take }} />
    </label>
  )
}
