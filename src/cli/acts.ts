import type { Act } from '../schemas/parts.ts'
import { ago } from './ago.ts'
import { plain } from './screen.ts'

/** Who did what to a thing, and when: `retry by on-call, 3 min ago`. */
export const actLine = ({ act, by, at, note }: Act): string =>
  `${act} by ${plain(by)}, ${ago(at)}${note === undefined ? '' : `: ${plain(note)}`}`

/** `by NAME`, or `by NAME: NOTE`, of who did a thing last; nothing where nobody did just that. */
export function byWhom (acts: Act[] | undefined, act: string): string[] {
  const last = acts?.findLast((one) => one.act === act)
  if (last === undefined) return []
  return [`by ${plain(last.by)}${last.note === undefined ? '' : `: ${plain(last.note)}`}`]
}
