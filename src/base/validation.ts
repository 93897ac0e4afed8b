import type { ErrorObject, ValidateFunction } from 'ajv'

/** Values in it, at any depth, up to which everything that is wrong is listed. */
const SMALL = 5000

/**
 * What is wrong with a value. A list of all errors can be many times as large as the value, which
 * may be a stranger's: of a large one the first is told.
 */
export function createValidation (
  compile: (allErrors: boolean) => ValidateFunction
): (value: unknown) => ErrorObject[] {
  const [first, all] = [compile(false), compile(true)]
  return (value) => {
    if (first(value)) return []
    return isSmall(value) && !all(value) ? (all.errors ?? []) : (first.errors ?? [])
  }
}

function isSmall (value: unknown): boolean {
  const stack = [value]
  for (let seen = 0; stack.length > 0; seen++) {
    if (seen + stack.length > SMALL) return false
    const one = stack.pop()
    if (typeof one === 'object' && one !== null) {
      for (const child of Object.values(one)) {
        if (stack.push(child) > SMALL) {
          return false
        }
      }
    }
  }
  return true
}
