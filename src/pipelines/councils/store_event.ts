import type { EventGatheredData } from './model/events.ts'
import { markPending } from './index/spoken-files.ts'
import { createFilling, putFile, type Filling } from './records/filling.ts'
import { storeItem } from './records/items.ts'
import { createPeople, storeBody } from './records/people.ts'
import { supersedeRecords } from './records/superseded.ts'
import { readGathered } from './meetings/gathered.ts'
import { itemsInOrder } from './session/known.ts'
import { updateSections } from './session/sections.ts'
import { errors } from '../../base/errors.ts'
import type { ProcessFunction } from '../../sdk/process.ts'

/** The first pause before an address is asked for again. */
const RETRY_MS = 500

/**
 * Stores what a meeting tells beside its videos, as documents: the body, the event, the items of its minutes with
 * matters, files, persons, seats, roles and votes. Output: `{ event_id, stored: { <collection>: <documents> },
 * failures: [{ at, reason }] }`.
 *
 * Every document lies under the id of its key, so that a second run finds it.
 */
export const createStoreEvent =
  ({ pauseMs = RETRY_MS } = {}): ProcessFunction<EventGatheredData> =>
    async ({ params, store, inputs, signal, log, progress }) => {
      const { event_file: file, event_id: eventId } = params
      const gathered = await readGathered(store, file)
      if (gathered === undefined || gathered.event_id !== eventId) {
        throw errors.final(`data/event_file ${file} does not hold the event ${eventId}`)
      }
      const { event, event_datetime: datetime } = gathered
      const filling = createFilling({ store, inputs, signal, log, pauseMs })
      const storePerson = createPeople(filling, datetime)
      const eventRef = await filling.putEvent(eventId, {
        body_ref: await storeBody(filling, event.body, datetime),
        event_datetime: datetime,
        agenda_uri: await linked(filling, event.agenda_uri, 'agenda_uri'),
        minutes_uri: await linked(filling, event.minutes_uri, 'minutes_uri'),
        static_thumbnail_ref:
        event.static_thumbnail_uri === null ? null : await putFile(filling, event.static_thumbnail_uri),
        hover_thumbnail_ref:
        event.hover_thumbnail_uri === null ? null : await putFile(filling, event.hover_thumbnail_uri),
        external_source_id: event.external_source_id
      })
      const items = event.event_minutes_items
      for (const [position, item] of items.entries()) {
        progress({ complete: position, total: items.length, message: 'items' })
        await storeItem(filling, storePerson, item, {
          eventRef,
          datetime,
          position,
          at: `event_minutes_items/${position}`
        })
      }
      const isWhole = filling.failures.length === 0 && gathered.is_partial !== true
      const removed = await supersedeRecords(store, eventId, filling.stored, { isWhole, signal })
      await updateSections(store, eventId, itemsInOrder(event), signal)
      await markPending(store, eventId, signal)
      const stored = Object.fromEntries([...filling.stored].map(([collection, ids]) => [collection, ids.size]))
      log(`${items.length} items stored, ${filling.failures.length} failures`)
      return {
        output: { event_id: eventId, stored, removed, failures: filling.failures },
        events: [
          { type: 'event_stored', subject: eventId, data: { event_id: eventId, failures: filling.failures.length } }
        ]
      }
    }

export const storeEvent = createStoreEvent()

/** One that cannot be reached is left out and named; the other is kept. */
async function linked ({ links, fail }: Filling, given: string | null, at: string): Promise<string | null> {
  if (given === null) return null
  const { uri, reason } = await links(given)
  if (uri !== undefined) return uri
  fail(at, `${given} ${reason}: left out`)
  return null
}
