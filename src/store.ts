import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { errors } from './errors.ts'

/**
 * Where processes put their files. Names are relative, `/`-separated paths; none can leave the store.
 * A file appears under its name only when it is whole: it is written under a temporary name and then renamed.
 */
export interface Store {
  /** Writes `source` to `name`, replacing what was there. Aborting leaves nothing behind. Answers the size in bytes. */
  write: (name: string, source: AsyncIterable<Uint8Array | string>, signal?: AbortSignal) => Promise<number>
  /** Reads a whole file as a stream of chunks. */
  read: (name: string) => AsyncIterable<Uint8Array>
  /** Names of the files directly in `folder`, sorted; empty where there is none. */
  list: (folder: string) => Promise<string[]>
  remove: (name: string) => Promise<void>
  /** The address of a file as people and other systems know it, `file:///…` for a local store. */
  url: (name: string) => string
}

const temporaryName = /^\..*\.([0-9a-f]{16})\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const abandonedMs = 24 * 3_600_000

/**
 * Opens the store that `url` names: `file:./folder`, `file:/folder` or `file:///folder`. The folder need not exist.
 * `owner` is for whom it writes, such as a job: what it left half-written when it was killed goes when it writes again.
 */
export function openStore (url: string, owner?: string): Store {
  if (!url.startsWith('file:')) throw errors.invalidConfig([`SIGNALBOX_STORE ${JSON.stringify(url)} is not a file: URL`])
  return createFileStore(url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length)), owner)
}

/**
 * A store in a local folder. A file is written beside its place under a name that begins with a dot, which no name in
 * the store may, and renamed when whole. Nothing is synced to disk: a power cut may lose a file, never show half of one
 * to a running system.
 *
 * @throws FINAL where a name could leave the store, by its spelling or through a symbolic link.
 */
export function createFileStore (folder: string, owner: string = randomUUID()): Store {
  const root = resolve(folder)
  const mark = createHash('sha256').update(owner).digest('hex').slice(0, 16)
  const swept = new Set<string>()

  /** Removes what a killed writer left: an earlier run of the owner, or anybody who has not written for a day. */
  async function sweep (path: string): Promise<void> {
    if (swept.has(path)) return
    for (const name of await readdir(path)) {
      const [, other] = temporaryName.exec(name) ?? []
      if (other === undefined) continue
      const file = join(path, name)
      if (other === mark || Date.now() - ((await stat(file).catch(absentOnly))?.mtimeMs ?? 0) > abandonedMs) await rm(file, { force: true })
    }
    swept.add(path)
  }

  /** The path of `name`, after a look at what really stands on the way to it. */
  async function locate (name: string): Promise<string> {
    const path = join(root, ...segments(name))
    const realRoot = await realpath(root).catch(absentOnly)
    if (realRoot === undefined) return path
    for (let above = dirname(path); above.length >= root.length; above = dirname(above)) {
      const real = await realpath(above).catch(absentOnly)
      if (real === undefined) continue
      if (!isWithin(realRoot, real)) throw errors.final(`${JSON.stringify(name)} leads out of the store`)
      break
    }
    return path
  }

  async function * read (name: string): AsyncIterable<Uint8Array> {
    const path = await locate(name)
    if (!isWithin(await realpath(root), await realpath(path))) throw errors.final(`${JSON.stringify(name)} leads out of the store`)
    yield * createReadStream(path, { highWaterMark: 256 * 1024 })
  }

  return {
    read,
    write: async (name, source, signal) => {
      signal?.throwIfAborted()
      const path = await locate(name)
      await mkdir(dirname(path), { recursive: true })
      await sweep(dirname(path))
      const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${mark}.${randomUUID()}`)
      try {
        await pipeline(signal === undefined ? source : interruptible(source, signal), createWriteStream(temporary, { flags: 'wx' }))
        const { size } = await stat(temporary)
        await rename(temporary, path)
        return size
      } catch (error) {
        await rm(temporary, { force: true })
        signal?.throwIfAborted()
        throw error
      }
    },
    list: async (folderName) => {
      const path = folderName === '' ? root : join(await locate(`${folderName}/file`), '..')
      const entries = await readdir(path, { withFileTypes: true }).catch(absentOnly) ?? []
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map((entry) => folderName === '' ? entry.name : `${folderName}/${entry.name}`)
        .sort()
    },
    remove: async (name) => rm(await locate(name), { force: true }),
    url: (name) => pathToFileURL(join(root, ...segments(name))).href
  }
}

/** A pipeline's own signal does not end its wait for a source that hangs. */
async function * interruptible<T> (source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        const abort = (): void => reject(signal.reason)
        signal.addEventListener('abort', abort)
        if (signal.aborted) abort()
        iterator.next().then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // Not awaited: a source that hangs does not end either.
    iterator.return?.().catch(() => {})
  }
}

function segments (name: string): string[] {
  const parts = name.split('/')
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (parts.some((part) => part === '' || part.startsWith('.') || /[\u0000-\u001f\\]/.test(part) || Buffer.byteLength(part) > 255)) {
    throw errors.final(`${JSON.stringify(name)} cannot be the name of a file in the store`)
  }
  return parts
}

function isWithin (folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function absentOnly (error: unknown): undefined {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
}
