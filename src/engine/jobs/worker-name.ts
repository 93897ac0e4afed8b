import { randomBytes } from 'node:crypto'

/** What a worker is called in the datastore: no spaces, which Redis refuses in the names of its clients. */
export const workerName = (host: string, version: string): string => `${host}@${version}`

/** The same for one process of several on a machine. */
export const instanceName = (worker: string): string => `${worker}#${randomBytes(4).toString('hex')}`

/** Which process of a machine it was is left out. A foreign worker may be called anything. */
export function hostAndVersion (given: string | undefined): { host: string | null, version: string | null } {
  const name = given?.replace(/#[0-9a-f]{8}$/, '')
  if (name === undefined || name === '') return { host: null, version: null }
  const at = name.lastIndexOf('@')
  return at === -1 ? { host: name, version: null } : { host: name.slice(0, at), version: name.slice(at + 1) }
}
