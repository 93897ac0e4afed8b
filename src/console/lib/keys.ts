import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { go, to } from './router.ts'

/** What the keyboard does: keys of the page that is shown, over those of every page. */
export type Keys = Record<string, () => void>

const shown: Keys[] = []
export const helpIsOpen = signal(false)

const PAGES: Record<string, string> = {
  o: '',
  f: 'failures',
  e: 'events',
  p: 'processes',
  s: 'schedules',
  b: 'backfills',
  n: 'submit',
  k: 'blocks'
}

let afterG = 0

export function useKeys (keys: Keys): void {
  useEffect(() => {
    shown.push(keys)
    return () => {
      shown.splice(shown.indexOf(keys), 1)
    }
  })
}

export function listenToKeys (): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (isTyping(event.target as Element)) {
      if (event.key === 'Escape') (event.target as HTMLElement).blur()
      return
    }
    if (document.querySelector('dialog[open]') !== null) return
    const run = find(event.key)
    if (run === undefined) return
    event.preventDefault()
    run()
  })
}

function isTyping (target: Element): boolean {
  return (
    target.matches('textarea, select, [contenteditable]') ||
    (target.matches('input') && !target.matches('[type=checkbox], [type=radio], [type=button]'))
  )
}

function find (key: string): (() => void) | undefined {
  if (Date.now() - afterG < 1500) {
    afterG = 0
    const page = PAGES[key]
    if (page !== undefined) {
      return () => {
        go(to(page))
      }
    }
  }
  if (key === 'g') {
    return () => {
      afterG = Date.now()
    }
  }
  return shown.findLast((keys) => key in keys)?.[key] ?? COMMON[key]
}

const COMMON: Keys = {
  '/': () => {
    document.querySelector<HTMLElement>('#search')?.focus()
  },
  '?': () => {
    helpIsOpen.value = true
  },
  j: () => {
    move(1)
  },
  k: () => {
    move(-1)
  },
  x: () => {
    rowOf(document.activeElement)?.querySelector<HTMLElement>('input[type=checkbox]')?.click()
  }
}

const rowOf = (element: Element | null): Element | null => element?.closest('[data-row]') ?? null

/** To the next or the previous row of the list, onto its link. */
function move (by: number): void {
  const rows = [...document.querySelectorAll('main [data-row]')]
  const at = rows.indexOf(rowOf(document.activeElement) as Element)
  const next = rows[Math.min(rows.length - 1, Math.max(0, at === -1 && by < 0 ? 0 : at + by))]
  const target = next?.querySelector<HTMLElement>('a, button, input') ?? undefined
  target?.focus()
  target?.scrollIntoView({ block: 'nearest' })
}
