import { NAMES_BLOCK, type Kinds } from '../../sdk/blocks/kind.ts'
import { kindsWith } from '../../runners/value.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import type { Notify } from '../../schemas/notify.ts'

/** Who refers to a block. Of several kinds where only its name is said: one of them is meant. */
export type Use = { kinds: readonly string[], name: string, by: string }

/** A setting that names a block. */
export type SettingUse = { kind: string, name: string, setting: string }

const NOTICES = { mail: 'smtp', slack: 'slack_webhook', webhook: 'webhook', database: 'metadata_database' } as const

/** All references to blocks: of processes by how they run and by their parameters, of notices, of settings. */
export function usesOf (lookups: Lookups, kinds: Kinds, settings: readonly SettingUse[]): Use[] {
  const { processes, eventTypes, filters } = lookups
  return [
    ...[...processes.values()].flatMap((one) => [
      ...runUses(one, kinds),
      ...paramUses(one),
      ...noticeUses(`process ${one.name}`, one.notify)
    ]),
    ...[...eventTypes.values()].flatMap(({ type, notify }) => noticeUses(`event type ${type}`, notify)),
    ...(filters?.all ?? []).flatMap(({ type, notify }) => noticeUses(`event type ${type}`, notify)),
    ...settings.map(({ kind, name, setting }) => ({ kinds: [kind], name, by: `setting ${setting}` }))
  ]
}

/** Those to which none of the blocks belongs that there are, named `kind/name`. */
export function missingOf (uses: readonly Use[], existing: ReadonlySet<string>): Use[] {
  return uses.filter(({ kinds, name }) => !kinds.some((kind) => existing.has(`${kind}/${name}`)))
}

export const usersOf = (uses: readonly Use[], kind: string, name: string): string[] =>
  [...new Set(uses.filter((use) => use.name === name && use.kinds.includes(kind)).map(({ by }) => by))]

export const describeUse = ({ kinds, name, by }: Use): string =>
  `block ${kinds.length === 1 ? `${kinds[0]}/` : ''}${name} is missing: ${by} refers to it`

type Reference = { block?: unknown, field?: unknown, kind?: unknown }

function runUses ({ name, run }: Definition, kinds: Kinds): Use[] {
  const by = `process ${name}`
  if ('hive' in run) return run.hive.block === undefined ? [] : [{ kinds: ['core_database'], name: run.hive.block, by }]
  const values = 'command' in run ? run.env : 'http' in run ? run.http.headers : undefined
  return Object.values(values ?? {}).flatMap((value) => {
    const { block, field, kind } = (typeof value === 'string' ? {} : value) as Reference
    if (typeof block !== 'string') return []
    return [{ kinds: typeof kind === 'string' ? [kind] : kindsWith(String(field), kinds), name: block, by }]
  })
}

function paramUses ({ name, schema, defaults, fixed }: Definition): Use[] {
  const found: Use[] = []
  walk(schema, { data: { ...defaults, ...fixed } }, (kind, block) => {
    found.push({ kinds: [kind], name: block, by: `process ${name}` })
  })
  return [...new Map(found.map((use) => [`${use.kinds[0]}/${use.name}`, use])).values()]
}

const PARTS = ['allOf', 'anyOf', 'oneOf'] as const
type Node = { properties?: Record<string, unknown>, default?: unknown } & Partial<
  Record<(typeof PARTS)[number], unknown[]>
>

/** Calls `found` for every marked field that has a value, or one by default. */
function walk (schema: unknown, value: unknown, found: (kind: string, name: string) => void): void {
  if (typeof schema !== 'object' || schema === null) return
  const node = schema as Node & Record<string, unknown>
  const kind = node[NAMES_BLOCK]
  const name = value ?? node.default
  if (typeof kind === 'string' && typeof name === 'string') found(kind, name)
  for (const part of PARTS) for (const one of node[part] ?? []) walk(one, value, found)
  const values = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  for (const [field, child] of Object.entries(node.properties ?? {})) walk(child, values[field], found)
}

const noticeUses = (by: string, notify: readonly Notify[] = []): Use[] =>
  notify.map(({ target }) => ({ kinds: [NOTICES[target.kind]], name: target.block, by: `notices of ${by}` }))
