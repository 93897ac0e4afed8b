import type { CommandOptions } from './command.ts'
import { EXIT } from './exit-code.ts'
import { plain, type Screen } from './screen.ts'
import { drawTable, type Column } from './table.ts'

/** What is done to many in one request. */
export const MOST_AT_ONCE = 1000

/** For those commands that do something to many. */
export const bulkOptions = {
  limit: { type: 'string', value: 'NUMBER', help: `how many, 1 to ${MOST_AT_ONCE} (100)` },
  all: { type: 'boolean', help: 'request after request, to the end' },
  'dry-run': { type: 'boolean', help: 'tell what would be done; do nothing' }
} as const satisfies CommandOptions

type Answer<T, S> = { done: T[], skipped: S[], next: string | null }

/** One request, or as many as it takes. */
export async function askAll<T, S> (
  ask: (cursor: string | undefined) => Promise<Answer<T, S>>,
  all: boolean
): Promise<Answer<T, S>> {
  const answer = await ask(undefined)
  if (!all) return answer
  while (answer.next !== null) {
    const { done, skipped, next } = await ask(answer.next)
    answer.done.push(...done)
    answer.skipped.push(...skipped)
    answer.next = next
  }
  return answer
}

/** `words`: what is said of those with which it was done, after their number. Answers the exit code. */
export function showBulk<T, S> (
  { done, skipped, next }: Answer<T, S>,
  screen: Screen,
  shown: { words: string, columns: Column[], row: (item: T) => string[], skippedRow: (item: S) => string[] }
): number {
  const { colors, print } = screen
  print(`${colors.bold(String(done.length))} ${shown.words}`)
  if (done.length > 0) print(drawTable(shown.columns, done.map(shown.row), screen))
  if (skipped.length > 0) {
    print(
      colors.yellow(`${skipped.length} left as they are:`),
      ...skipped.map((item) => `  ${shown.skippedRow(item).map(plain).join('  ')}`)
    )
  }
  if (next !== null) print(colors.dim('there are more: --all goes on to the end'))
  return bulkCode(done, skipped)
}

export const bulkCode = (done: unknown[], skipped: unknown[]): number =>
  done.length === 0 && skipped.length > 0 ? EXIT.refused : EXIT.ok
