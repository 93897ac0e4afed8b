import type { Screen } from './screen.ts'
import { drawItems, type ItemColumn } from './table.ts'

/** A page of a list, or all of it where there is no `next`; other fields go out as JSON alone. */
export type Listed<T> = { items: T[], next?: string | null }

type Shown<T> = {
  /** Whether the pages are followed to the end. */
  all: boolean
  columns: Array<ItemColumn<T>>
  none: string
}

/** Shows one page, or all; as JSON one answer either way. */
export async function showPages<T> (
  read: (cursor: string | undefined) => Promise<Listed<T>>,
  { all, columns, none }: Shown<T>,
  screen: Screen
): Promise<void> {
  const { colors, json, print, printJson } = screen
  const answer = await read(undefined)
  if (all) await readOn(answer, read)
  if (json) return printJson(answer)
  print(answer.items.length === 0 ? colors.dim(none) : drawItems(columns, answer.items, screen))
  if (typeof answer.next === 'string') print(colors.dim('there are more: --all shows them'))
}

/** Adds all pages that follow. */
async function readOn<T> (answer: Listed<T>, read: (cursor: string) => Promise<Listed<T>>): Promise<void> {
  while (typeof answer.next === 'string') {
    const { items, next } = await read(answer.next)
    answer.items.push(...items)
    answer.next = next ?? null
  }
}
