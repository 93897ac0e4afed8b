import { resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TSchema } from 'typebox'
import { errors } from '../../base/errors.ts'
import { REACH, type Reach } from '../../sdk/blocks/kind.ts'

/** What the operator's files allow a block that comes over HTTP to run and to reach. `*` in a list is all. */
export type Allowed = {
  /** Programs with their arguments, one text each. */
  commands: readonly string[]
  /** Folders in which files, stores and sockets may lie. */
  folders: readonly string[]
  /** Host names, `*.example.org` for those below one. Empty: a new block names any, one that is there keeps its own. */
  hosts: readonly string[]
}

type Field = { name: string, reach: Reach, value: unknown, before: unknown }

/** @throws BLOCK_NOT_ALLOWED naming the field; what the block that is there says already is not asked again */
export function checkAllowed (
  schema: TSchema,
  value: Record<string, unknown>,
  before: unknown,
  allowed: Allowed
): void {
  for (const field of reachingFields(schema, value, before)) {
    if (field.value === undefined || JSON.stringify(field.value) === JSON.stringify(field.before)) continue
    if (field.reach === 'command') checkCommand(field, allowed)
    else if (field.reach === 'path') checkPath(field.name, String(field.value), allowed)
    else checkAddress(field, allowed)
  }
}

function reachingFields (schema: TSchema, value: Record<string, unknown>, before: unknown): Field[] {
  const { properties = {} } = schema as { properties?: Record<string, Record<string, unknown>> }
  const old = (before ?? {}) as Record<string, unknown>
  return Object.entries(properties).flatMap(([name, one]) =>
    one[REACH] === undefined ? [] : [{ name, reach: one[REACH] as Reach, value: value[name], before: old[name] }])
}

function checkCommand ({ name, value }: Field, { commands }: Allowed): void {
  const command = (value as string[]).join(' ')
  if (commands.includes('*') || commands.includes(command)) return
  throw errors.blockNotAllowed(
    name,
    'is a program that SIGNALBOX_BLOCK_COMMANDS does not name: over HTTP nobody chooses what is run'
  )
}

function checkPath (name: string, path: string, { folders }: Allowed): void {
  const real = resolve(path)
  const isInside = folders.some((folder) => folder === '*' || `${real}${sep}`.startsWith(`${resolve(folder)}${sep}`))
  if (!isInside) throw errors.blockNotAllowed(name, 'leads to a folder that SIGNALBOX_BLOCK_FOLDERS does not name')
}

function checkAddress ({ name, value, before }: Field, { folders, hosts, commands }: Allowed): void {
  const text = String(value)
  if (/^file:/i.test(text)) return checkPath(name, pathOf(text), { folders, hosts, commands })
  const host = hostOf(text)
  // A bucket of S3 is no host: where it lies is said by `endpoint`.
  if (host === undefined) return
  const mine = hosts.length > 0 ? hosts : before === undefined ? ['*'] : [hostOf(String(before)) ?? '']
  if (!mine.some((pattern) => matches(host, pattern.toLowerCase()))) {
    throw errors.blockNotAllowed(name, `leads to ${host}, which SIGNALBOX_BLOCK_HOSTS does not name`)
  }
}

function pathOf (address: string): string {
  try {
    return address.startsWith('file://') ? fileURLToPath(address) : address.replace(/^file:/i, '')
  } catch {
    return '/'
  }
}

/** Of an address, or of a host that stands alone; undefined of a bucket. */
function hostOf (text: string): string | undefined {
  if (/^s3:/i.test(text)) return undefined
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text.toLowerCase()
  // URL knows the host of http only as browsers do: with digits and letters in one form.
  const url = text.replace(/^amqps?:/i, 'http:')
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase().replace(/^\[|\]$/g, '') : ''
}

const matches = (host: string, pattern: string): boolean =>
  pattern === '*' || host === pattern || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)))
