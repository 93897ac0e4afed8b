import { readGathered } from '../meetings/gathered.ts'
import type { EventMinutesItem, IngestionEvent, Person } from '../model/model.ts'
import type { Store } from '../../../sdk/store/open.ts'

/** What the record of a meeting says that helps to hear it: who speaks there, and of what. */
export type KnownOfMeeting = {
  /** Full names, each once. */
  persons: string[]
  /** Names and terms, the most telling first. */
  vocabulary: string[]
  /** In the order of the agenda. */
  items: EventMinutesItem[]
}

/** Nothing is known of a meeting that no gather has found. */
export async function knownOf (store: Store, eventFile: string): Promise<KnownOfMeeting> {
  const gathered = await readGathered(store, eventFile)
  return gathered === undefined ? { persons: [], vocabulary: [], items: [] } : knownOfEvent(gathered.event)
}

/** An item without a place of its own stands where it is told. */
export function itemsInOrder ({ event_minutes_items: items }: IngestionEvent): EventMinutesItem[] {
  return [...items].sort((one, other) => (one.index ?? 0) - (other.index ?? 0))
}

export function knownOfEvent (event: IngestionEvent): KnownOfMeeting {
  const items = event.event_minutes_items
  const people: Person[] = items.flatMap(({ votes, matter }) => [
    ...votes.map(({ person }) => person),
    ...(matter?.sponsors ?? [])
  ])
  const persons = [...new Set(people.map(({ name }) => name))]
  const seats = people.flatMap(({ seat }) => seat === null ? [] : [seat.name])
  const matters = items.flatMap(({ matter }) => matter === null ? [] : [matter.name])
  const names = items.map(({ minutes_item: { name } }) => name)
  const vocabulary = [...new Set([event.body.name, ...persons, ...matters, ...names, ...seats])]
  return { persons, vocabulary, items: itemsInOrder(event) }
}
