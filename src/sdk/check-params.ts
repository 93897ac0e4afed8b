import type { TObject } from 'typebox'
import { Value } from 'typebox/value'
import { errors } from '../base/errors.ts'

/** @throws INPUT_REFUSED with the path of the first field that is at fault. */
export function checkParams (schema: TObject, params: unknown): void {
  const [problem] = Value.Errors(schema, params)
  if (problem === undefined) return
  const missing = problem.keyword === 'required' ? `/${problem.params.requiredProperties[0] ?? ''}` : ''
  throw errors.inputRefused(`data${problem.instancePath}${missing}`, missing === '' ? problem.message : 'is required')
}
