import { basename } from 'node:path'
import { errors } from '../../base/errors.ts'
import { readFiles } from './written-files.ts'
import type { Jobs } from './jobs.ts'
import type { Links } from './links.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { JobFileView } from '../../schemas/files.ts'
import type { OpenStore } from '../../sdk/store/open.ts'

/** What a browser is to do with a file of which nothing is known: keep it, not show it. */
export const downloadHeaders = (name: string): { disposition: string, type: string } => {
  const escaped = encodeURIComponent(basename(name)).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`
  )
  return { disposition: `attachment; filename*=UTF-8''${escaped}`, type: 'application/octet-stream' }
}

export interface Files {
  /** What a job has written, with a link to each. */
  list: (
    processName: string,
    id: string,
    range: { limit: number, cursor: string | undefined }
  ) => Promise<{ items: JobFileView[], next: string | null, unlisted: number }>
  /** Where a file lies that a link of ours leads to. */
  locate: (name: string, expires: number, signature: string) => Promise<string>
}

type Dependencies = {
  ledger: Pick<Ledger, 'get' | 'commit'>
  jobs: Pick<Jobs, 'get'>
  open: () => Promise<OpenStore>
  links: Links
  seconds: number
}

export function createFiles ({ ledger, jobs, open, links, seconds }: Dependencies): Files {
  async function withStore<T> (act: (store: OpenStore) => Promise<T>): Promise<T> {
    const store = await open()
    try {
      return await act(store)
    } finally {
      store.close()
    }
  }

  /** A store that gives out files itself is asked for its own links. */
  async function linkTo (store: OpenStore, name: string): Promise<{ link: string, expires: string }> {
    if (store.link === undefined) return links.sign(name)
    const expires = new Date(Date.now() + seconds * 1000).toISOString()
    return { link: await store.link(name, seconds, downloadHeaders(name)), expires }
  }

  return {
    list: async (processName, id, { limit, cursor = '0' }) => {
      if (!/^\d{1,9}$/.test(cursor)) throw errors.invalidQuery('cursor', 'is not the `next` of a page')
      const job = await jobs.get(processName, id)
      const { files, unlisted } = await readFiles(ledger, job.id)
      const start = Number(cursor)
      const page = files.slice(start, start + limit)
      const items =
        page.length === 0
          ? []
          : await withStore(
            async (store) =>
              await Promise.all(
                page.map(async (file) => ({
                  ...file,
                  url: store.url(file.name),
                  ...(await linkTo(store, file.name))
                }))
              )
          )
      return { items, next: start + limit < files.length ? String(start + limit) : null, unlisted }
    },
    locate: async (name, expires, signature) => {
      links.check(name, expires, signature)
      return await withStore(async (store) => {
        if (store.path === undefined || await store.stat(name) === undefined) throw errors.fileNotFound(name)
        return await store.path(name)
      })
    }
  }
}
