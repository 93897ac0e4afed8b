/** The key of the footer under which an output lists the documents whose texts are to be read anew. */
export const SUSPICIOUS_KEY = 'signalbox.suspicious'

type KeyValue = { key: string, value?: string }

/** The documents that an earlier output lists; those of another program list none. */
export function readSuspicious (metadata: readonly KeyValue[] | undefined): string[] {
  const listed: unknown = JSON.parse(metadata?.find(({ key }) => key === SUSPICIOUS_KEY)?.value ?? '[]')
  return Array.isArray(listed) ? listed.filter((uuid) => typeof uuid === 'string') : []
}
