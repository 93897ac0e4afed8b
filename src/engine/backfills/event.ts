import { windowAt, type BackfillRange } from './range.ts'
import { readEvent, type KeyedEvent } from '../../base/event.ts'

/**
 * The event of a window at one of its tries: always the same, so that it is submitted once however often that is done.
 */
export function windowEvent (id: string, range: BackfillRange, index: number, attempt: number): KeyedEvent {
  const { type, subject, source, data } = range
  const window = windowAt(range, index)
  const name = attempt === 1 ? window.begin : `${window.begin}#${attempt}`
  return readEvent({
    type,
    source: source ?? `/backfills/${id}`,
    // A source of the sender's own may be that of other backfills too.
    id: source === undefined ? name : `${id}/${name}`,
    subject,
    data: { ...data, ...window }
  })
}
