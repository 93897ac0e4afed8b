import type { Page } from '../client/answers.ts'
import type { Screen } from './screen.ts'

/** Shows one page, or all; as JSON one `{ items, next }` either way. */
export async function showPages<T> (
  read: (cursor: string | undefined) => Promise<Page<T>>, all: boolean, screen: Screen, { draw, none }: { draw: (items: T[], screen: Screen) => string, none: string }
): Promise<void> {
  const { colors, json, print, printJson } = screen
  const first = await read(undefined)
  const items = [...first.items]
  let next = first.next
  if (all) {
    while (next !== null) {
      const page = await read(next)
      items.push(...page.items)
      next = page.next
    }
  }
  if (json) return printJson({ items, next })
  print(items.length === 0 ? colors.dim(none) : draw(items, screen))
  if (next !== null) print(colors.dim('there are more: --all shows them'))
}
