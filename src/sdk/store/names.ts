import { errors } from '../../base/errors.ts'

/**
 * The parts of a name in the store: relative, `/`-separated, none of them empty or beginning with a dot.
 *
 * @throws FINAL
 */
export function segments (name: string): string[] {
  const parts = name.split('/')
  if (parts.some(isNoName)) {
    throw errors.final(`${JSON.stringify(name)} cannot be the name of a file in the store`)
  }
  return parts
}

export function isName (name: string): boolean {
  try {
    return segments(name).length > 0
  } catch {
    return false
  }
}

/**
 * A folder that belongs to one job, for what has no name of its own: two jobs never share it, a
 * second run of the same job has it again.
 */
export const jobFolder = ({ processName, jobId }: { processName: string, jobId: string }): string =>
  `jobs/${processName}/${jobId}`

const isNoName = (part: string): boolean => part === '' || part.startsWith('.') ||
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u001f\\]/.test(part) || !part.isWellFormed() || Buffer.byteLength(part) > 255
