import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { errors } from '../../base/errors.ts'
import type { OpenStore, StoredFile } from './store.ts'
import { interruptible } from './interruptible.ts'
import { createLeftovers } from './leftovers.ts'
import { segments } from './names.ts'

/**
 * A store in a local folder. A file is written beside its place under a name that begins with a dot, which no name in
 * the store may, and renamed when whole. Nothing is synced to disk: a power cut may lose a file, never show half of one
 * to a running system.
 *
 * @throws FINAL where a name could leave the store, by its spelling or through a symbolic link.
 */
export function createFileStore (folder: string, owner: string = randomUUID()): OpenStore {
  const root = resolve(folder)
  const leftovers = createLeftovers(owner)

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

  /** Of a file that is there, with the links on its way resolved. */
  async function locateFile (name: string): Promise<string> {
    const real = await realpath(await locate(name))
    if (!isWithin(await realpath(root), real)) throw errors.final(`${JSON.stringify(name)} leads out of the store`)
    return real
  }

  async function * read (name: string): AsyncIterable<Uint8Array> {
    yield * createReadStream(await locateFile(name), { highWaterMark: 256 * 1024 })
  }

  const locateFolder = async (name: string): Promise<string> =>
    name === '' ? root : dirname(await locate(`${name}/file`))

  async function * walk (name: string): AsyncIterable<StoredFile> {
    const path = await locateFolder(name)
    const entries = ((await readdir(path, { withFileTypes: true }).catch(absentOnly)) ?? []).filter(
      (entry) => !entry.name.startsWith('.')
    )
    // In the order of the whole names, as an object store lists them.
    for (const entry of entries.sort((a, b) =>
      compare(a.isDirectory() ? `${a.name}/` : a.name, b.isDirectory() ? `${b.name}/` : b.name)
    )) {
      const child = name === '' ? entry.name : `${name}/${entry.name}`
      if (entry.isDirectory()) yield * walk(child)
      else if (entry.isFile()) {
        const found = await stat(join(path, entry.name)).catch(absentOnly)
        if (found !== undefined) yield toStored(child, found)
      }
    }
  }

  return {
    read,
    walk,
    write: async (name, source, signal) => {
      signal?.throwIfAborted()
      const path = await locate(name)
      await mkdir(dirname(path), { recursive: true })
      await leftovers.sweep(dirname(path))
      const temporary = leftovers.temporaryPath(path)
      try {
        await pipeline(
          signal === undefined ? source : interruptible(source, signal),
          createWriteStream(temporary, { flags: 'wx' })
        )
        const { size } = await stat(temporary)
        await rename(temporary, path)
        return size
      } catch (error) {
        await rm(temporary, { force: true })
        signal?.throwIfAborted()
        throw error
      }
    },
    stat: async (name) => {
      const path = await locateFile(name).catch(absentOnly)
      const found = path === undefined ? undefined : await stat(path).catch(absentOnly)
      return found?.isFile() === true ? toStored(name, found) : undefined
    },
    list: async (name) => {
      const entries = await readdir(await locateFolder(name), { withFileTypes: true }).catch(absentOnly) ?? []
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map((entry) => name === '' ? entry.name : `${name}/${entry.name}`)
        .sort(compare)
    },
    remove: async (name) => rm(await locate(name), { force: true }),
    url: (name) => pathToFileURL(join(root, ...segments(name))).href,
    path: locateFile,
    close: () => {}
  }
}

const toStored = (name: string, { size, mtime }: { size: number, mtime: Date }): StoredFile => ({
  name,
  size,
  modified: mtime.toISOString()
})

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

function isWithin (folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function absentOnly (error: unknown): undefined {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
}
