import { jobDoc, roundId, sets } from '../documents/names.ts'
import type { JobDocument } from '../documents/job.ts'
import { documentOf } from '../dispatch/ending.ts'
import { toRun } from '../dispatch/run.ts'
import type { Definition } from '../lookups/lookups.ts'
import type { Kept, Look } from './look-draft.ts'
import type { Comer } from './look-facts.ts'

/** A job is enqueued, and counted as running by its gate and by the limit of its process. */
export function letThrough (look: Look, comer: Comer, definition: Definition, kept: Kept): void {
  const { facts: { gate, wide, now, events }, draft } = look
  const { key, job, event: document } = comer
  const before = documentOf(comer)
  const { round } = before
  const runs = wide === undefined ? [gate.name] : [gate.name, wide.name]
  const after: JobDocument = { ...before, ...kept, state: 'queued', at: now, queuedAt: now, runs }
  draft.put(jobDoc(job.id), comer.rev, after)
  for (const name of runs) {
    draft.count(name, 'running', 1)
    draft.enter(sets.running(name), roundId(job.id, round), now)
  }
  // Written so that its revision lets nobody else count on the same room.
  if (wide !== undefined) draft.put(wide.name, wide.rev, wide.value ?? { v: 1 })
  const eventOf = (name: string | undefined) => name === undefined ? undefined : events.get(name)?.event
  const joined = Object.entries(after.last ?? {}).flatMap(([leg, name]) => {
    const event = eventOf(name)
    return event === undefined ? [] : [[leg, event] as const]
  })
  draft.enqueue(
    toRun(
      {
        key,
        job,
        round,
        document,
        latest: eventOf(after.latest),
        absorbed: after.absorbed,
        joined: after.last === undefined ? undefined : Object.fromEntries(joined)
      },
      definition
    )
  )
  look.running++
  look.wideRunning++
  look.hasPassed = true
  look.value = { ...look.value, passedAt: now, passed: job.id }
}
