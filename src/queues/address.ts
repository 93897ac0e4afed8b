/** A datastore's address as people, logs and answers may see it. */
export function withoutPassword (url: string): string {
  const parsed = new URL(url)
  if (parsed.password !== '') parsed.password = '***'
  for (const name of parsed.searchParams.keys()) {
    if (/pass|secret|token/i.test(name)) {
      parsed.searchParams.set(name, '***')
    }
  }
  return parsed.href
}
