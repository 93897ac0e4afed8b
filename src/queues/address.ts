/** A datastore's address as people, logs and answers may see it. */
export function withoutPassword (url: string): string {
  const parsed = new URL(url)
  if (parsed.password !== '') parsed.password = '***'
  return parsed.href
}
