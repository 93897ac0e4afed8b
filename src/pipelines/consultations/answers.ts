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
  log: (line: string) => void
}

/** `kept`: its name in the store, where it is kept; `rows` where it was asked for just now. */
export type Answer = { kept?: string | undefined, rows?: number | undefined }

/** What the API answers, asked once and kept for those who come soon after: a run that failed later on, above all. */
export interface Answers {
  /** All rows of an endpoint, one after the other. */
  rows: (endpoint: string, signal: AbortSignal) => AsyncIterable<Record<string, unknown>>
  /** Asks for an endpoint, or finds it kept. Whoever wants to spare the API asks for one at a time. */
  fetch: (endpoint: string, signal: AbortSignal) => Promise<Answer>
  /** Takes an answer that an earlier attempt has kept, however old; false where it is not there any more. */
  adopt: (endpoint: string, answer: Answer) => Promise<boolean>
  /** Forgets what is kept: it has been found to be of no use. */
  discard: () => Promise<void>
}

export function createAnswers (options: Options): Answers {
  const { store, temporaryFolder, cacheMs, log } = options
  const sources = new Map<string, () => AsyncIterable<Uint8Array>>()
  const kept = new Set<string>()

  function use (endpoint: string, name: string): void {
    kept.add(name)
    sources.set(endpoint, () => store.read(name))
  }

  async function fetch (endpoint: string, signal: AbortSignal): Promise<Answer> {
    const started = Date.now()
    const found = await find(options, endpoint, started)
    if (found !== undefined) {
      use(endpoint, found.name)
      log(`${endpoint}: taken from the cache, where it has been for ${formatDuration(started - found.at)}`)
      return { kept: found.name }
    }
    const path = join(temporaryFolder, `${endpoint}.json.gz`)
    const rows = await download(endpoint, path, { ...options, signal })
    sources.set(endpoint, () => createReadStream(path))
    log(`${endpoint}: ${rows} rows in ${formatDuration(Date.now() - started)}`)
    if (cacheMs === 0) return { rows }
    const name = `${stemOf(options, endpoint)}${started}.json.gz`
    await store.write(name, createReadStream(path), signal)
    kept.add(name)
    return { kept: name, rows }
  }

  async function adopt (endpoint: string, { kept: name }: Answer): Promise<boolean> {
    if (name?.startsWith(stemOf(options, endpoint)) !== true || await store.stat(name) === undefined) return false
    use(endpoint, name)
    log(`${endpoint}: the answer of the earlier attempt is used`)
    return true
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
    adopt,
    rows,
    discard: async () => { for (const name of kept) await store.remove(name) }
  }
}

/** What the names of kept answers begin with: those of another API, or of another user, are others. */
function stemOf ({ folder, credentials: { base_url: url, username } }: Options, endpoint: string): string {
  const hash = createHash('sha256').update(JSON.stringify([FORM, url, username, endpoint])).digest('hex')
  return `${folder}/${endpoint}-${hash.slice(0, 16)}-`
}

/** The latest that is not too old. Those that are, are removed. */
async function find (
  options: Options,
  endpoint: string,
  now: number
): Promise<{ name: string, at: number } | undefined> {
  const { store, folder, cacheMs } = options
  if (cacheMs === 0) return undefined
  const stem = stemOf(options, endpoint)
  const names = (await store.list(folder)).filter((name) => name.startsWith(stem))
  const all = names
    .map((name) => ({ name, at: Number.parseInt(name.slice(stem.length), 10) }))
    .sort((one, other) => other.at - one.at)
  const isFresh = ({ at }: { at: number }): boolean => now - at < cacheMs && at <= now
  for (const old of all) if (!isFresh(old)) await store.remove(old.name)
  return all.find(isFresh)
}
