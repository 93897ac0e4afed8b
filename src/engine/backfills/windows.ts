import { errors } from '../../base/errors.ts'
import type { BackfillWindow, WindowStatus } from '../../schemas/backfills.ts'
import { windowEvent } from './event.ts'
import { windowAt } from './range.ts'
import { marksOf, tryOf, type BackfillState, type Mark } from './state.ts'

const STATUSES: Record<Mark, WindowStatus> = { w: 'waiting', r: 'running', c: 'complete', f: 'failed' }
const MARKS: Record<WindowStatus, Mark> = { waiting: 'w', running: 'r', complete: 'c', failed: 'f' }

export type WindowsOptions = { status?: WindowStatus | undefined, limit: number, cursor?: string | undefined }

/** A page of the windows of a backfill, the first one first. The cursor is the number of a window. Pure. */
export function windowsOf (
  id: string,
  state: BackfillState,
  { status, limit, cursor = '0' }: WindowsOptions
): { items: BackfillWindow[], next: string | null } {
  if (!/^\d{1,6}$/.test(cursor)) throw errors.invalidQuery('cursor', 'is not the `next` of a page of this list')
  const wanted = status === undefined ? undefined : MARKS[status]
  const items: BackfillWindow[] = []
  for (const [index, mark] of marksOf(state).entries()) {
    if (index < Number(cursor) || (wanted !== undefined && mark !== wanted)) continue
    if (items.length === limit) return { items, next: String(index) }
    items.push(toWindow(id, state, index, mark))
  }
  return { items, next: null }
}

function toWindow (id: string, state: BackfillState, index: number, mark: Mark): BackfillWindow {
  const { range, reasons } = state
  const attempt = tryOf(state, index)
  return {
    index,
    ...windowAt(range, index),
    status: STATUSES[mark],
    // One that waits has no event at this try yet.
    event: mark === 'w' ? null : windowEvent(id, range, index, attempt).key,
    tries: mark === 'w' ? attempt - 1 : attempt,
    reason: mark === 'f' ? reasons[index] ?? 'see its event' : null
  }
}
