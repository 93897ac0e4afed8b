import { Ajv, type ErrorObject } from 'ajv'

/** A union says of every branch why it does not fit; people want the one that was meant, the object form. */
export function shapeProblems (file: string, schema: object, value: unknown): string[] {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema)
  if (validate(value)) return []
  const found = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'anyOf')
  const deepest = found.filter(
    ({ instancePath }) => !found.some((other) => other.instancePath.startsWith(`${instancePath}/`))
  )
  return [
    ...new Set(deepest.map((error) => `${file}: ${error.instancePath.slice(1) || 'the file'} ${problemText(error)}`))
  ]
}

/** What Ajv says, with the name or the values that it is about. */
export function problemText ({ keyword, message = 'is not valid', params }: ErrorObject): string {
  if (keyword === 'false schema') return 'cannot be given here'
  const extra = (params as { additionalProperty?: string }).additionalProperty
  const allowed =
    (params as { allowedValues?: unknown[], allowedValue?: unknown }).allowedValues ??
    (params as { allowedValue?: unknown }).allowedValue
  return `${message}${extra === undefined ? '' : `: ${extra}`}${allowed === undefined ? '' : `: ${JSON.stringify(allowed)}`}`
}
