import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { formatDuration } from '../../base/duration.ts'
import { readMaybeGzip } from '../../sdk/inputs/gzip.ts'
import type { Store } from '../../sdk/store/open.ts'
import { MAX_BYTES, download, type ApiOptions } from './api.ts'
import { readJsonArray } from './json-array.ts'

/** Changed with the form of what is kept, so that an older one is not taken for it. */
const FORM = 1

type Options = Omit<ApiOptions, 'signal'> & {
  store: Store
  /** Where answers are kept in the store. */
  folder: string
  temporaryFolder: string
  /** How long a kept answer is used instead of asking again; 0 keeps none. */
  cacheMs: number
}

/** What the API answers, asked once and kept for those who come soon after: a run that failed later on, above all. */
export interface Answers {
  /** All rows of an endpoint, one after the other. */
  rows: (endpoint: string, signal: AbortSignal) => AsyncIterable<Record<string, unknown>>
  /** Asks for an endpoint, or finds it kept. Whoever wants to spare the API asks for one at a time. */
  fetch: (endpoint: string, signal: AbortSignal) => Promise<void>
  /** Forgets what is kept: it has been found to be of no use. */
  discard: () => Promise<void>
}

export function createAnswers (options: Options): Answers {
  const { store, folder, temporaryFolder, cacheMs, log, credentials } = options
  const sources = new Map<string, () => AsyncIterable<Uint8Array>>()
  const kept = new Set<string>()
  const stemOf = (endpoint: string): string =>
    `${endpoint}-${createHash('sha256')
      .update(JSON.stringify([FORM, credentials.base_url, credentials.username, endpoint]))
      .digest('hex')
      .slice(0, 16)}-`

  async function fetch (endpoint: string, signal: AbortSignal): Promise<void> {
    const started = Date.now()
    const found = await find(endpoint, started)
    if (found !== undefined) {
      kept.add(found.name)
      sources.set(endpoint, () => store.read(found.name))
      log(`${endpoint}: taken from the cache, where it has been for ${formatDuration(started - found.at)}`)
      return
    }
    const path = join(temporaryFolder, `${endpoint}.json.gz`)
    const count = await download(endpoint, path, { ...options, signal })
    sources.set(endpoint, () => createReadStream(path))
    log(`${endpoint}: ${count} rows in ${formatDuration(Date.now() - started)}`)
    if (cacheMs === 0) return
    const name = `${folder}/${stemOf(endpoint)}${started}.json.gz`
    await store.write(name, createReadStream(path), signal)
    kept.add(name)
  }

  /** The latest that is not too old. Those that are, are removed. */
  async function find (endpoint: string, now: number): Promise<{ name: string, at: number } | undefined> {
    if (cacheMs === 0) return undefined
    const stem = `${folder}/${stemOf(endpoint)}`
    const names = (await store.list(folder)).filter((name) => name.startsWith(stem))
    const all = names
      .map((name) => ({ name, at: Number.parseInt(name.slice(stem.length), 10) }))
      .sort((one, other) => other.at - one.at)
    const isFresh = ({ at }: { at: number }): boolean => now - at < cacheMs && at <= now
    for (const old of all) if (!isFresh(old)) await store.remove(old.name)
    return all.find(isFresh)
  }

  async function * rows (endpoint: string, signal: AbortSignal): AsyncGenerator<Record<string, unknown>> {
    const source = sources.get(endpoint)
    if (source === undefined) throw new Error(`${endpoint} has not been asked for`)
    for await (const row of readJsonArray(readMaybeGzip(source(), { field: endpoint, maxBytes: MAX_BYTES }))) {
      signal.throwIfAborted()
      yield row
    }
  }

  return {
    fetch,
    rows,
    discard: async () => { for (const name of kept) await store.remove(name) }
  }
}
