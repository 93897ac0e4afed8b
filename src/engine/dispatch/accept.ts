import { isDeepStrictEqual } from 'node:util'
import type { DispatchEvent } from '../../base/event.ts'
import { createDraft } from '../documents/draft.ts'
import type { EventDocument } from '../documents/event.ts'
import { accepting, type Acceptance } from './accepting.ts'
import { commit, type Core } from './core.ts'
import { readEvent, revisionsOf } from './facts.ts'

/** `known`: there was an event under this key; `same`: and it says the same. */
export type Taken = { document: EventDocument, known: boolean, same: boolean }

/** Takes an event with all that it starts, once: a repeat changes nothing and is answered like the first. */
export async function accept (core: Core, acceptance: Omit<Acceptance, 'at'>): Promise<Taken> {
  let removed = new Map<string, number>()
  for (;;) {
    const draft = createDraft(removed)
    const document = accepting(draft, { ...acceptance, at: core.now() }, core.lookups(), core.notices)
    if (await commit(core, draft)) return { document, known: false, same: true }
    const known = await readEvent(core.ledger, acceptance.key)
    if (known !== undefined) {
      return { document: known.value, known: true, same: isSameEvent(known.value.event, acceptance.event) }
    }
    // One that the retention has removed comes anew.
    removed = await revisionsOf(core.ledger, draft.made())
  }
}

/** What a sender, or what lies between, may write anew when it sends an event again. */
const ON_THE_WAY = /^(time|traceparent|tracestate|baggage|sequence|partitionkey|knative[a-z]*)$/

/** Whether two events under one id say the same. */
export function isSameEvent (one: DispatchEvent, other: DispatchEvent): boolean {
  return differingField(one, other) === undefined
}

/** The first field in which two events under one id differ; undefined where they say the same. */
export function differingField (one: DispatchEvent, other: DispatchEvent): string | undefined {
  const [before, after] = [said(one), said(other)]
  const fields = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...fields].find((field) => !isDeepStrictEqual(before[field], after[field]))
}

function said (event: DispatchEvent): Record<string, unknown> {
  const fields = Object.entries(event).filter(([field]) => !ON_THE_WAY.test(field))
  return JSON.parse(JSON.stringify(Object.fromEntries(fields))) as Record<string, unknown>
}
