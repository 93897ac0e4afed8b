import { Ajv, type ErrorObject } from 'ajv'
import type { TSchema } from 'typebox'
import { errors } from '../../base/errors.ts'

/** One value that breaks one rule. */
export type Fault = { document: string, field: string, rule: string, value: unknown }

const MAX_VALUE = 60
/** Of each rule in the message; the log of the job has all. */
const MAX_NAMED = 5

/** Says every rule of the schema that a row breaks. Nothing is coerced. */
export function createRowCheck (schema: TSchema): (row: Record<string, unknown>) => Fault[] {
  const validate = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(schema)
  return (row) =>
    validate(row)
      ? []
      : (validate.errors ?? [])
          .filter(isOwn)
          .map((error) => ({ document: nameOf(row), field: fieldOf(error), rule: ruleOf(error), value: error.data }))
}

/** Of a value that may be null, what its other form asks for says more than that no form fits. */
const isOwn = ({ keyword, schemaPath }: ErrorObject): boolean =>
  keyword !== 'anyOf' && !schemaPath.endsWith('/anyOf/1/type')

const fieldOf = ({ instancePath, params }: ErrorObject): string =>
  [...instancePath.split('/').slice(1), (params as { missingProperty?: string }).missingProperty ?? '']
    .filter((part) => part !== '')
    .join('/')

function ruleOf ({ message = 'is not valid', keyword, params }: ErrorObject): string {
  if (keyword === 'required') return 'is missing'
  const allowed = (params as { allowedValues?: unknown[] }).allowedValues
  return allowed === undefined ? message : `must be one of ${allowed.join(', ')}`
}

export const nameOf = (row: Record<string, unknown>): string =>
  typeof row['document_uuid'] === 'string' ? row['document_uuid'] : 'without document_uuid'

/** @throws FINAL with all rules that were broken, and some of the rows of each; all rows go to the log */
export function refuseFaults (faults: Fault[], step: string, log: (line: string) => void): void {
  if (faults.length === 0) return
  const groups = new Map<string, Fault[]>()
  for (const fault of faults) {
    log(`${step}: ${fault.document}: ${fault.field} ${fault.rule}, it is ${quote(fault.value)}`)
    const rule = `${fault.field.replace(/\/\d+/g, '/*')} ${fault.rule}`
    const group = groups.get(rule)
    if (group === undefined) groups.set(rule, [fault])
    else group.push(fault)
  }
  const rules = [...groups].map(([rule, group]) => `${rule} (${group.length}: ${named(group)})`)
  const rows = new Set(faults.map(({ document }) => document)).size
  throw errors.final(`${step}: ${rows} ${rows === 1 ? 'row breaks' : 'rows break'} ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}: ${rules.join('; ')}`)
}

function named (faults: Fault[]): string {
  const shown = faults.slice(0, MAX_NAMED).map(({ document, value }) => `${document} ${quote(value)}`)
  return `${shown.join(', ')}${faults.length > MAX_NAMED ? ', …' : ''}`
}

function quote (value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text
}
