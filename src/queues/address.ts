import { readHosts } from './host-list.ts'

/** A datastore's address as people, logs and answers may see it. */
export function withoutPassword (url: string): string {
  // A folder: it has neither hosts nor passwords.
  if (!url.includes('://')) return url
  const { first, list } = readHosts(url, 0)
  const parsed = new URL(first)
  if (parsed.password !== '') parsed.password = '***'
  for (const name of parsed.searchParams.keys()) {
    if (/pass|secret|token/i.test(name)) parsed.searchParams.set(name, '***')
  }
  return list.includes(',') ? parsed.href.replace(parsed.host, list) : parsed.href
}
