import type { Queues } from './contract.ts'

/** Notes that are to stay until somebody removes them. */
export const FOREVER_MS = 10 * 365 * 86_400_000

type Notes = Pick<Queues, 'readNotes' | 'writeNote'>

/**
 * Changes a note from what it is now, again and again until nobody else has changed it in between. What `change` answers is
 * written, unless it is the value that it was given; answers the value that stands then.
 */
export async function changeNote<T extends object> (queues: Notes, name: string, change: (value: T | undefined) => T | undefined, ttlMs: (value: T) => number): Promise<T | undefined> {
  for (;;) {
    const [note] = await queues.readNotes<T>([name])
    const next = change(note?.value)
    if (next === undefined || next === note?.value) return note?.value
    if (await queues.writeNote(name, note, next, ttlMs(next))) return next
  }
}
