import { createRequire } from 'node:module'
import { errors } from './errors.ts'

const require = createRequire(import.meta.url)

/** What few need is not installed with Signalbox. Answers the name of the package that an import lacks. */
export function missingPackage (error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, message = '' } = error as { code?: unknown, message?: string }
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined
  return /Cannot find (?:package|module) '((?:@[^/']+\/)?[^/'.][^/']*)/.exec(message)?.[1]
}

/** Says what to install where an import has failed for the lack of a package; any other error is left as it is. */
export function namingMissing (error: unknown, what: string): unknown {
  const name = missingPackage(error)
  if (name === undefined) return error
  return errors.final(`${what} needs the package ${name}, which is not installed: npm install ${name}`, {
    cause: error
  })
}

/** Imports what is optional. @throws FINAL that names the package where it is not installed */
export async function importOptional<T> (load: () => Promise<T>, what: string): Promise<T> {
  try {
    return await load()
  } catch (error) {
    throw namingMissing(error, what)
  }
}

/** The same at once, for a package that is no ES module. */
export function requireOptional<T> (name: string, what: string): T {
  try {
    return require(name) as T
  } catch (error) {
    throw namingMissing(error, what)
  }
}
