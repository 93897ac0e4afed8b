import type { ComponentChildren, VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { Page } from '../../client/answers.ts'
import { useLoad } from '../lib/load.ts'
import { failed } from '../lib/notice.ts'
import { Shown } from './shown.tsx'

type Props<T extends { id: string }> = {
  read: (cursor: string | undefined) => Promise<Page<T>>
  head: VNode
  row: (item: T) => VNode
  empty: ComponentChildren
  everyMs: number
}

/** A list page by page. What is new is told at its top, and comes when asked for: nothing moves under a finger. */
export function More<T extends { id: string }> ({ read, head, row, empty, everyMs }: Props<T>) {
  const load = useLoad('first', () => read(undefined), { everyMs })
  const [kept, keep] = useState<Page<T> | undefined>(undefined)
  const first = load.data
  const shown = kept ?? first
  const isOlder = kept !== undefined
  const known = new Set(shown?.items.map(({ id }) => id))
  const fresh = first === undefined || !isOlder ? [] : first.items.filter(({ id }) => !known.has(id))
  const newest = new Map(first?.items.map((item) => [item.id, item]))
  const more = async (): Promise<void> => {
    if (shown === undefined || shown.next === null) return
    try {
      const page = await read(shown.next)
      keep({ items: [...shown.items, ...page.items], next: page.next })
    } catch (error) {
      failed(error)
    }
  }
  return (
    <Shown load={load}>
      {() =>
        shown === undefined || shown.items.length === 0
          ? (
              empty
            )
          : (
            <>
              {fresh.length > 0 && (
                <p class='pad'>
                  <button
                    type='button'
                    class='main'
                    onClick={() => {
                      keep(undefined)
                    }}
                  >
                    {fresh.length} new: show
                  </button>
                </p>
              )}
              <div class='scroll'>
                <table class='cards'>
                  <thead>{head}</thead>
                  <tbody>{shown.items.map((item) => row(newest.get(item.id) ?? item))}</tbody>
                </table>
              </div>
              {shown.next !== null && (
                <p class='pad'>
                  <button
                    type='button'
                    onClick={() => {
                      void more()
                    }}
                  >
                    Older
                  </button>
                </p>
              )}
            </>
            )}
    </Shown>
  )
}
