import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { errors } from '../../base/errors.ts'
import type { BlockKind, Kinds } from '../../sdk/blocks/kind.ts'
import { importFile } from './import-file.ts'

const KIND = /^[a-z][a-z0-9_]{0,63}$/

/** Where kinds of blocks of one's own lie, beside the lookups: a file each, whose default export is the kind. */
const FOLDER = 'blocks'

/**
 * The kinds that are known, and those of the folder of lookups.
 *
 * @throws FINAL naming the file where one exports no kind, or one of a name that is taken
 */
export async function loadKinds (lookupsFolder: string, known: Kinds): Promise<Kinds> {
  const folder = join(lookupsFolder, FOLDER)
  if (!existsSync(folder)) return known
  const kinds = new Map(known)
  for (const name of (await readdir(folder)).sort()) {
    if (extname(name) === '.json' || name.endsWith('.d.ts')) continue
    const file = join(folder, name)
    const { default: kind } = await importFile(file)
    if (!isKind(kind)) {
      throw errors.final(`${file}: its default export is no kind of block: { kind, description, schema, env }`)
    }
    if (kinds.has(kind.kind)) throw errors.final(`${file}: there is a kind of block ${kind.kind} already`)
    kinds.set(kind.kind, kind)
  }
  return new Map([...kinds].sort(([a], [b]) => a < b ? -1 : 1))
}

function isKind (value: unknown): value is BlockKind {
  if (typeof value !== 'object' || value === null) return false
  const { kind, description, schema, env } = value as Partial<Record<keyof BlockKind, unknown>>
  const isObject = (one: unknown): boolean => typeof one === 'object' && one !== null
  return (
    typeof kind === 'string' &&
    KIND.test(kind) &&
    typeof description === 'string' &&
    isObject(schema) &&
    isObject(env)
  )
}
