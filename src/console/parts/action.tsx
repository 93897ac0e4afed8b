import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Scope } from '../../schemas/me.ts'
import { refusal } from '../lib/session.ts'
import { failed } from '../lib/notice.ts'

type Props = {
  /** What a key needs for it. */
  scope: Scope
  run: () => unknown
  children: ComponentChildren
  tone?: 'main' | 'danger' | 'plain'
  label?: string
  /** Why it cannot be done now. */
  unless?: string | undefined
}

/** A button that changes something. Whoever may not press it sees it, with the reason. */
export function Action ({ scope, run, children, tone = 'plain', label, unless }: Props) {
  const [isBusy, setBusy] = useState(false)
  const reason = refusal(scope) ?? unless
  const press = async (): Promise<void> => {
    if (reason !== undefined) {
      failed(reason)
      return
    }
    setBusy(true)
    try {
      await run()
    } catch (error) {
      failed(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <button
      type='button'
      class={tone}
      aria-label={label}
      aria-busy={isBusy}
      disabled={isBusy}
      aria-disabled={reason !== undefined}
      title={reason}
      onClick={() => {
        void press()
      }}
    >
      {children}
      {reason !== undefined && <span class='hidden'> (not possible: {reason})</span>}
    </button>
  )
}
