import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

type Props = { title: string, close: () => void, children: ComponentChildren, isWide?: boolean }

/** A dialog over the page. The browser keeps the focus within and closes it with Esc. */
export function Sheet ({ title, close, children, isWide = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} class={isWide ? 'sheet wide' : 'sheet'} aria-labelledby={id} onClose={close}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type='button' class='quiet' aria-label='Close' onClick={close}>
          ✕
        </button>
      </header>
      <div class='body'>{children}</div>
    </dialog>
  )
}
