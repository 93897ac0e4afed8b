import { all, any, not, type Clause } from './clause.ts'
import { compare, present, type Comparison } from './field.ts'

/** A clause that needs more is no longer read by people. */
const MAX_DEPTH = 8
const MAX_PARTS = 100
const MAX_TEXT = 1000

const COMPARISONS: ReadonlySet<string> = new Set(['exact', 'prefix', 'suffix'])

/** What is wrong with the clauses of one entry, each with its path; and how many parts were read. */
type Reading = { problems: string[], parts: number }

/**
 * Reads the `match` of an entry of event_lookup.json. What is wrong goes to `problems`, each with
 * its path under `path`; the clause must not be used then.
 */
export async function readClause (match: unknown, path: string, problems: string[]): Promise<Clause> {
  const reading: Reading = { problems, parts: 0 }
  const clause = await readParts(match, path, 1, reading)
  if (reading.parts > MAX_PARTS) problems.push(`${path} has more than ${MAX_PARTS} parts`)
  return clause
}

async function readParts (value: unknown, path: string, depth: number, reading: Reading): Promise<Clause> {
  if (!isObject(value)) return refuse(reading, path, 'must be a clause, such as { "type": { "prefix": "new_" } }')
  if (depth > MAX_DEPTH) return refuse(reading, path, `is nested deeper than ${MAX_DEPTH} clauses`)
  const entries = Object.entries(value)
  if (entries.length === 0) return refuse(reading, path, 'is empty: it would match every event')
  const parts: Clause[] = []
  for (const [name, operand] of entries) {
    if (++reading.parts > MAX_PARTS) break
    parts.push(await readPart(name, operand, `${path}/${name}`, depth, reading))
  }
  return all(parts)
}

async function readPart (
  name: string,
  operand: unknown,
  path: string,
  depth: number,
  reading: Reading
): Promise<Clause> {
  switch (name) {
    case 'all':
      return all(await readList(operand, path, depth, reading))
    case 'any':
      return any(await readList(operand, path, depth, reading))
    case 'not':
      return not(await readParts(operand, path, depth + 1, reading))
    case 'exact':
    case 'prefix':
    case 'suffix':
      return readComparisons(name, operand, path, reading)
    case 'cel':
      return await readCel(operand, path, reading)
    case 'sql':
      return refuse(reading, path, 'is not known here: write the condition as "cel"')
    default:
      return readField(name, operand, path, reading)
  }
}

async function readList (value: unknown, path: string, depth: number, reading: Reading): Promise<Clause[]> {
  if (!Array.isArray(value) || value.length === 0) {
    return [refuse(reading, path, 'must be a list of clauses that is not empty')]
  }
  const clauses: Clause[] = []
  for (const [i, one] of value.entries()) {
    if (reading.parts > MAX_PARTS) break
    clauses.push(await readParts(one, `${path}/${i}`, depth + 1, reading))
  }
  return clauses
}

/** `{ "prefix": { "type": "new_", "subject": "homo" } }`: how the CloudEvents Subscriptions write it. */
function readComparisons (comparison: Comparison, value: unknown, path: string, reading: Reading): Clause {
  if (!isObject(value) || Object.keys(value).length === 0) {
    return refuse(reading, path, 'must be an object of fields and texts that is not empty')
  }
  return all(
    Object.entries(value).map(([field, operand]) =>
      readComparison(field, comparison, operand, `${path}/${field}`, reading)
    )
  )
}

/** `{ "type": "new_assembly" }`, `{ "type": { "prefix": "new_" } }`, `{ "genome": "*" }`. */
function readField (field: string, value: unknown, path: string, reading: Reading): Clause {
  if (field === 'data') return refuse(reading, path, 'cannot be compared as a field: write "cel": "event.data.…"')
  if (value === '*') return present(field)
  if (typeof value === 'string') return readComparison(field, 'exact', value, path, reading)
  if (!isObject(value) || Object.keys(value).length === 0) {
    return refuse(
      reading,
      path,
      'is no operator (all, any, not, exact, prefix, suffix, cel), and a field needs a text, "*", or { "exact" | ' +
      '"prefix" | "suffix": text }'
    )
  }
  return all(Object.entries(value).map(([name, operand]) => isComparison(name)
    ? readComparison(field, name, operand, `${path}/${name}`, reading)
    : refuse(reading, `${path}/${name}`, 'is not known: a field is compared by exact, prefix or suffix')))
}

function readComparison (
  field: string,
  comparison: Comparison,
  operand: unknown,
  path: string,
  reading: Reading
): Clause {
  reading.parts++
  if (field === 'data') return refuse(reading, path, 'cannot be compared as a field: write "cel": "event.data.…"')
  if (typeof operand !== 'string' || operand === '' || operand.length > MAX_TEXT) {
    return refuse(reading, path, `must be a text of 1 to ${MAX_TEXT} characters`)
  }
  return compare(field, comparison, operand)
}

/** The library is loaded by those who use it only. */
async function readCel (value: unknown, path: string, reading: Reading): Promise<Clause> {
  const { compileCel } = await import('./cel.ts')
  const clause = compileCel(value)
  return typeof clause === 'string' ? refuse(reading, path, clause) : clause
}

function refuse ({ problems }: Reading, path: string, message: string): Clause {
  problems.push(`${path} ${message}`)
  return { decide: () => ({ holds: false, reason: message }), ofType: () => false, types: undefined, costly: false }
}

const isComparison = (name: string): name is Comparison => COMPARISONS.has(name)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
