import { Type, type Static } from 'typebox'
import { closed, oneOf } from './parts.ts'

const ENDS = ['success', 'failure', 'cancelled'] as const
/** How something ended, for who asks to be told. */
export type End = typeof ENDS[number]

const block = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,63}$', description: 'The name of a block' })
const address = Type.String({ maxLength: 254, pattern: '^[^\\s@<>,;:"\\\\]+@[^\\s@<>,;:"\\\\]+$' })

const NotifyEntrySchema = Type.Object({
  on: Type.Optional(Type.Array(oneOf(ENDS), {
    minItems: 1,
    uniqueItems: true,
    description: 'At which ends; at success and failure by default'
  })),
  mail: Type.Optional(Type.Object({
    block,
    to: Type.Array(address, { minItems: 1, maxItems: 50, uniqueItems: true })
  }, closed)),
  slack: Type.Optional(Type.Object({ block }, closed)),
  webhook: Type.Optional(Type.Object({ block }, closed)),
  database: Type.Optional(Type.Object({ block }, {
    ...closed,
    description: 'A metadata database: by the statements that its block has for the end'
  }))
}, { ...closed, anyOf: ['mail', 'slack', 'webhook', 'database'].map((name) => ({ required: [name] })) })

/** Of a process or an event type: who is told when a job of it, or such an event with all its jobs, has ended. */
export const NotifySchema = Type.Array(NotifyEntrySchema, {
  maxItems: 20,
  description: 'Who is told of an end: each entry has mail, slack, webhook or database, or several of them'
})

export type NotifyEntry = Static<typeof NotifySchema>

/** Where a notice goes. It holds no secret: those are in the block. */
export type Target =
  { kind: 'mail', block: string, to: string[] } | { kind: 'slack' | 'webhook' | 'database', block: string }

export type Notify = { on: ReadonlySet<End>, target: Target }

export function toNotify (entries: NotifyEntry): Notify[] {
  return entries.flatMap((entry) => {
    const on = new Set<End>(entry.on ?? ['success', 'failure'])
    return targetsOf(entry).map((target) => ({ on, target }))
  })
}

function targetsOf ({ mail, slack, webhook, database }: NotifyEntry[number]): Target[] {
  const targets: Target[] = []
  if (mail !== undefined) targets.push({ kind: 'mail', ...mail })
  if (slack !== undefined) targets.push({ kind: 'slack', ...slack })
  if (webhook !== undefined) targets.push({ kind: 'webhook', ...webhook })
  if (database !== undefined) targets.push({ kind: 'database', ...database })
  return targets
}
