import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, realpath, unlink, type FileHandle } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from '../../base/errors.ts'

export interface FolderLock { release: () => Promise<void> }

/** macOS allows 103 bytes in a socket's path, Linux 107. */
const MAX_PATH_BYTES = 103
const TRIES = 4
const PREFIX = 'lock-'

type Place = { folder: string, handle: FileHandle | undefined }

/**
 * Holds `folder` for this process alone, until `release` or the end of the process, however it ends. A holder is a
 * listening socket in the folder: the kernel knows whether it lives, in every container of the machine, while process
 * ids mean nothing there. Throws DATA_FOLDER_IN_USE.
 *
 * Everyone listens on a name of its own before it looks at the others, and holds only what it finds without a living
 * other: of two, the one that looks later sees the one that looked first. Two that see each other both step back.
 * Not for a folder that several machines share.
 */
export async function lockFolder (folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true })
  const place = await findPlace(await realpath(folder))
  try {
    for (let tries = TRIES; tries > 0; tries--) {
      const lock = await tryLock(place)
      if (lock !== undefined) return lock
      await sleep(10 + Math.random() * 90)
    }
  } catch (error) {
    await place.handle?.close()
    throw error
  }
  await place.handle?.close()
  throw errors.dataFolderInUse(folder)
}

async function tryLock ({ folder, handle }: Place): Promise<FolderLock | undefined> {
  const name = `${PREFIX}${randomBytes(6).toString('hex')}`
  const server = await listen(join(folder, name))
  const names = (await readdir(folder)).filter((other) => other.startsWith(PREFIX))
  // Whoever looked at us between bind and listen took us for dead, and removed our name.
  let isOurs = names.includes(name)
  for (const other of names) {
    if (other === name) continue
    if (await isAlive(join(folder, other))) isOurs = false
    else await unlink(join(folder, other)).catch(ignoreMissing)
  }
  if (!isOurs) {
    await close(server)
    return undefined
  }
  let released: Promise<void> | undefined
  return {
    release: () => {
      // Closing removes the socket's file, for which the handle must still be open.
      released ??= close(server).then(() => handle?.close())
      return released
    }
  }
}

/** A path too long for a socket is reached through its descriptor where that is possible, else it gets a stand-in. */
async function findPlace (folder: string): Promise<Place> {
  if (Buffer.byteLength(join(folder, `${PREFIX}${'x'.repeat(12)}`)) <= MAX_PATH_BYTES) {
    return { folder, handle: undefined }
  }
  if (existsSync('/proc/self/fd')) {
    const handle = await open(folder)
    return { folder: `/proc/self/fd/${handle.fd}`, handle }
  }
  const standIn = join(tmpdir(), `signalbox-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`)
  await mkdir(standIn, { recursive: true, mode: 0o700 })
  return { folder: standIn, handle: undefined }
}

function listen (path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(path, () => resolve(server))
  })
}

function close (server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

function isAlive (path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Any other answer, such as a full backlog, comes from somebody.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    )
  })
}

function ignoreMissing (error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
