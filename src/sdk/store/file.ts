import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, type Dirent } from 'node:fs'
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { errors } from '../../base/errors.ts'
import type { OpenStore, StoredFile } from './store.ts'
import { interruptible } from './interruptible.ts'
import { createLeftovers, type Leftovers } from './leftovers.ts'
import { segments } from './names.ts'

const READ_BYTES = 256 * 1024

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
  return {
    read: (name) => read(root, name),
    walk: (name) => walk(root, name),
    write: async (name, source, signal) => await write({ root, leftovers }, name, source, signal),
    stat: async (name) => {
      const path = await locateFile(root, name).catch(absentOnly)
      const found = path === undefined ? undefined : await stat(path).catch(absentOnly)
      return found?.isFile() === true ? toStored(name, found) : undefined
    },
    list: async (name) => {
      const entries = await readdir(await locateFolder(root, name), { withFileTypes: true }).catch(absentOnly) ?? []
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map((entry) => name === '' ? entry.name : `${name}/${entry.name}`)
        .sort(compare)
    },
    remove: async (name) => { await rm(await locate(root, name), { force: true }) },
    url: (name) => pathToFileURL(join(root, ...segments(name))).href,
    path: async (name) => await locateFile(root, name),
    close: () => {}
  }
}

/** The path of `name`, after a look at what really stands on the way to it. */
async function locate (root: string, name: string): Promise<string> {
  const path = join(root, ...segments(name))
  const realRoot = await realpath(root).catch(absentOnly)
  if (realRoot === undefined) return path
  for (let above = dirname(path); above.length >= root.length; above = dirname(above)) {
    const real = await realpath(above).catch(absentOnly)
    if (real === undefined) continue
    if (!isWithin(realRoot, real)) throw leadsOut(name)
    break
  }
  return path
}

/** Of a file that is there, with the links on its way resolved. */
async function locateFile (root: string, name: string): Promise<string> {
  const real = await realpath(await locate(root, name))
  if (!isWithin(await realpath(root), real)) throw leadsOut(name)
  return real
}

const locateFolder = async (root: string, name: string): Promise<string> =>
  name === '' ? root : dirname(await locate(root, `${name}/file`))

const leadsOut = (name: string): Error => errors.final(`${JSON.stringify(name)} leads out of the store`)

async function * read (root: string, name: string): AsyncIterable<Uint8Array> {
  yield * createReadStream(await locateFile(root, name), { highWaterMark: READ_BYTES })
}

async function * walk (root: string, name: string): AsyncIterable<StoredFile> {
  const path = await locateFolder(root, name)
  const entries = await readdir(path, { withFileTypes: true }).catch(absentOnly) ?? []
  const seen = entries.filter((entry) => !entry.name.startsWith('.'))
  for (const entry of seen.sort((a, b) => compare(wholeName(a), wholeName(b)))) {
    const child = name === '' ? entry.name : `${name}/${entry.name}`
    if (entry.isDirectory()) yield * walk(root, child)
    else if (entry.isFile()) {
      const found = await stat(join(path, entry.name)).catch(absentOnly)
      if (found !== undefined) yield toStored(child, found)
    }
  }
}

/** As an object store sorts it. */
const wholeName = (entry: Dirent): string => entry.isDirectory() ? `${entry.name}/` : entry.name

async function write (
  { root, leftovers }: { root: string, leftovers: Leftovers },
  name: string,
  source: AsyncIterable<Uint8Array | string>,
  signal?: AbortSignal
): Promise<number> {
  signal?.throwIfAborted()
  const path = await locate(root, name)
  await mkdir(dirname(path), { recursive: true })
  await leftovers.sweep(dirname(path))
  const temporary = leftovers.temporaryPath(path)
  try {
    const wanted = signal === undefined ? source : interruptible(source, signal)
    await pipeline(wanted, createWriteStream(temporary, { flags: 'wx' }))
    const { size } = await stat(temporary)
    await rename(temporary, path)
    return size
  } catch (error) {
    await rm(temporary, { force: true })
    signal?.throwIfAborted()
    throw error
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
