import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Ajv } from 'ajv'
import { Type, type Static } from 'typebox'
import { DEFAULT_SOURCE } from '../../base/event.ts'
import { SCOPES, type Scope } from '../../schemas/me.ts'

const Glob = Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1 })
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** One entry of SIGNALBOX_KEYS. `sha256`: of the key; two while a key is being changed. */
const KeyEntrySchema = Type.Object({
  name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$' }),
  sha256: Type.Union([Digest, Type.Array(Digest, { minItems: 1, maxItems: 4 })]),
  scopes: Type.Array(Type.Unsafe<Scope>(Type.Enum([...SCOPES])), { minItems: 1, uniqueItems: true }),
  types: Type.Optional(Glob),
  sources: Type.Optional(Glob),
  expires: Type.Optional(Type.String())
}, { additionalProperties: false })

const KeyFileSchema = Type.Array(KeyEntrySchema, { maxItems: 1000 })

type KeyEntry = Static<typeof KeyEntrySchema>

/** Somebody who may do something. `name` is what the audit says. */
export interface Caller {
  name: string
  scopes: ReadonlySet<Scope>
  /** What its events are marked with; nothing while the service asks for no key. */
  submitter: string | undefined
  /** The source of its events that name none: so the ids of two senders are apart. */
  source: string
  /** Whether it may submit an event of this type and source; one without limits may submit all. */
  maySubmit: (event: { type: string, source: string }) => boolean
}

export interface Keys {
  /**
   * The caller whose key this is; undefined where it is nobody's or has expired. Takes the same
   * time for every wrong key.
   */
  find: (key: string, now?: number) => Caller | undefined
}

type Known = { digest: Buffer, expires: number, caller: Caller }

/** The caller of a service that asks for no key, and of the one token: all scopes. */
export function everything (name: string): Caller {
  return { name, submitter: name, scopes: new Set(SCOPES), source: DEFAULT_SOURCE, maySubmit: () => true }
}

/**
 * Reads the text of SIGNALBOX_KEYS: a JSON list of keys. Each has the SHA-256 of its key, never the key itself.
 *
 * @throws Error that names the entry and what is wrong with it
 */
export function readKeys (text: string): Keys {
  const known = parse(text).flatMap(toKnown)
  return { find: find.bind(null, known) }
}

function parse (text: string): KeyEntry[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('is not JSON')
  }
  const validate = new Ajv({ strict: false }).compile<KeyEntry[]>(KeyFileSchema)
  if (validate(value)) return value
  const [first] = validate.errors ?? []
  throw new Error(`${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`.trim())
}

function toKnown (entry: KeyEntry): Known[] {
  const expires = entry.expires === undefined ? Infinity : Date.parse(entry.expires)
  if (Number.isNaN(expires)) throw new Error(`${entry.name}: expires is not a time such as 2027-01-31T00:00:00Z`)
  const scopes: readonly Scope[] = entry.scopes
  const narrowed = entry.types !== undefined || entry.sources !== undefined
  if (narrowed && !scopes.includes('submit')) {
    throw new Error(`${entry.name}: types and sources narrow submit, which is not among its scopes`)
  }
  const caller: Caller = {
    name: entry.name,
    submitter: entry.name,
    scopes: new Set(entry.scopes),
    source: `${DEFAULT_SOURCE}/${entry.name}`,
    maySubmit: maySubmit.bind(null, entry)
  }
  return [entry.sha256].flat().map((sha256) => ({ digest: Buffer.from(sha256, 'hex'), expires, caller }))
}

function maySubmit ({ types = ['*'], sources = ['*'] }: KeyEntry, event: { type: string, source: string }): boolean {
  return types.some((glob) => matches(glob, event.type)) && sources.some((glob) => matches(glob, event.source))
}

/** `*` stands for any letters. Compared piece by piece, so that no pattern can take long. */
export function matches (glob: string, text: string): boolean {
  const [first = '', ...rest] = glob.split('*')
  if (rest.length === 0) return glob === text
  const last = rest.pop() ?? ''
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return at <= text.length - last.length
}

function find (known: Known[], key: string, now = Date.now()): Caller | undefined {
  const digest = Buffer.from(digestOf(key), 'hex')
  let found: Caller | undefined
  for (const one of known) if (timingSafeEqual(one.digest, digest) && now < one.expires) found = one.caller
  return found
}

/** SHA-256 of a key, as SIGNALBOX_KEYS has it. */
export function digestOf (key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** A key that nobody can guess: 32 bytes of chance, known by its first letters to those who look for leaked keys. */
export function makeKey (): string {
  return `sbx_${randomBytes(32).toString('base64url')}`
}
