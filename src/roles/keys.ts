import { parseArgs } from 'node:util'
import { digestOf, makeKey, readKeys } from '../api/access/keys.ts'
import { SCOPES } from '../schemas/me.ts'
import { UsageError } from '../base/errors.ts'
import type { Program } from './program.ts'

const USAGE = `signalbox keys new NAME --scopes ${SCOPES.join(',')} [--types GLOBS] [--sources GLOBS] [--expires TIME]`

/** Makes a key: the entry for SIGNALBOX_KEYS on stdout, the key itself on stderr, once and nowhere else. */
export async function keys (args: string[], { stdout, stderr }: Program): Promise<number> {
  const { name, scopes, types, sources, expires } = read(args)
  const key = makeKey()
  const entry = {
    name,
    sha256: digestOf(key),
    scopes: listOf(scopes),
    types: listOf(types),
    sources: listOf(sources),
    expires
  }
  try {
    readKeys(JSON.stringify([entry]))
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}: ${USAGE}`)
  }
  stderr.write(`${key}\nThis key is shown once. Put the entry below into the list of SIGNALBOX_KEYS.\n`)
  stdout.write(`${JSON.stringify(entry)}\n`)
  return 0
}

function read (
  args: string[]
): Record<'name' | 'scopes', string> & Partial<Record<'types' | 'sources' | 'expires', string>> {
  const option = { type: 'string' } as const
  const options = { scopes: option, types: option, sources: option, expires: option }
  let parsed
  try {
    parsed = parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}: ${USAGE}`)
  }
  const {
    positionals: [verb, name, ...more],
    values: { scopes, types, sources, expires }
  } = parsed
  if (verb !== 'new' || name === undefined || scopes === undefined || more.length > 0) throw new UsageError(USAGE)
  return { name, scopes, types, sources, expires }
}

const listOf = (text: string | undefined): string[] | undefined => text?.split(',').map((one) => one.trim())
