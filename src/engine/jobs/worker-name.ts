/** What a worker is called in the datastore: no spaces, which Redis refuses in the names of its clients. */
export const workerName = (host: string, version: string): string => `${host}@${version}`

/** A foreign worker may be called anything. */
export function hostAndVersion (name: string | undefined): { host: string | null, version: string | null } {
  if (name === undefined || name === '') return { host: null, version: null }
  const at = name.lastIndexOf('@')
  return at === -1 ? { host: name, version: null } : { host: name.slice(0, at), version: name.slice(at + 1) }
}
