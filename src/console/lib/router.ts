import { signal } from '@preact/signals'

/** Where the reader is: the path under /console, and the query. The address holds all state that a link should open. */
export type Place = { path: string, query: URLSearchParams }

export const BASE = '/console'

export const place = signal<Place>(read())

/** The reader as a fraction: pages put their filters there, so that a link opens the same view. */
export const field = (name: string): string => place.value.query.get(name) ?? ''

function read (): Place {
  const path = location.pathname.slice(BASE.length).replace(/\/+$/, '')
  return { path: path === '' ? '/' : path, query: new URLSearchParams(location.search) }
}

export function go (href: string): void {
  history.pushState(null, '', href)
  place.value = read()
  scrollTo(0, 0)
}

/** Changes fields of the query; empty ones go. A filter is no page of its own to go back to. */
export function setQuery (changes: Record<string, string>): void {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  history.replaceState(null, '', `${location.pathname}${text === '' ? '' : `?${text}`}`)
  place.value = read()
}

/** Address of a page; parts that are data are encoded. */
export function to (page: string, parts: string[] = [], query: Record<string, string | undefined> = {}): string {
  const path = [page, ...parts.map(encodeURIComponent)].filter((part) => part !== '').join('/')
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') given.set(name, value)
  return `${BASE}/${path}${given.size === 0 ? '' : `?${given.toString()}`}`
}

export const toEvent = (id: string, node?: string): string => to('events', [id], { node })
export const toJob = (processName: string, id: string): string => to('jobs', [processName, id])

/** Plain clicks on links within the console change the page without loading it. */
export function listen (): void {
  addEventListener('popstate', () => {
    place.value = read()
  })
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest('a')
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (
      link === null ||
      event.defaultPrevented ||
      !isPlain ||
      link.target !== '' ||
      link.hasAttribute('download')
    ) {
      return
    }
    if (link.origin !== location.origin || !link.pathname.startsWith(`${BASE}/`)) return
    event.preventDefault()
    go(link.href)
  })
}
