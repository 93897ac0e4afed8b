import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errors } from '../../base/errors.ts'
import { readMaybeGzip } from './gzip.ts'
import { openHttp } from './http.ts'
import type { HttpLimits } from './http.ts'

/** Opens what an event names: a path under one of the folders of SIGNALBOX_INPUTS, or an http(s) URI. */
export interface Inputs {
  /**
   * The bytes of `location`, decompressed where they are gzip (judged by their first bytes, multi-member allowed).
   * `field` is the path of the value in the event, for the error message. Refuses (INPUT_REFUSED, never retried) a path
   * outside the folders, symbolic links that lead out of them, other URI schemes, private addresses unless allowed.
   */
  open: (location: string, options: { field: string, signal: AbortSignal }) => Promise<AsyncIterable<Uint8Array>>
}

/** `maxBytes` holds for the bytes as they come and again for what they decompress to. */
export type InputsOptions = HttpLimits & { folders: string[] }

/** Relative paths, of folders and of inputs, are relative to the working directory. */
export function createInputs ({ folders, ...limits }: InputsOptions): Inputs {
  return {
    open: async (location, { field, signal }) => {
      signal.throwIfAborted()
      const bytes = /^https?:/i.test(location)
        ? await openHttp(location, limits, { field, signal })
        : await openFile(location, { folders, field, signal, maxBytes: limits.maxBytes })
      return readMaybeGzip(bytes, { field, maxBytes: limits.maxBytes })
    }
  }
}

type FileOptions = { folders: string[], field: string, signal: AbortSignal, maxBytes: number }

async function openFile (
  location: string,
  { folders, field, signal, maxBytes }: FileOptions
): Promise<AsyncIterable<Uint8Array>> {
  const path = toPath(location, field)
  const outside = errors.inputRefused(
    field,
    'is not in one of the folders that inputs may come from (SIGNALBOX_INPUTS)'
  )
  const realFolders = await Promise.all(folders.map((folder) => realpath(resolve(folder)).catch(() => undefined)))
  const allowed = realFolders.filter((folder) => folder !== undefined)
  // Before the disk is asked, so that an answer tells nothing about files elsewhere.
  const within = [...folders.map((folder) => resolve(folder)), ...allowed]
  if (!within.some((folder) => isWithin(folder, path))) throw outside
  const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    throw errors.inputRefused(field, error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code})`)
  })
  if (!allowed.some((folder) => isWithin(folder, real))) throw outside
  // Non-blocking, because opening a named pipe would wait for its writer.
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw errors.inputRefused(field, `cannot be read (${error.code})`)
    }
  )
  const { size, isFile } = await handle.stat().then((stats) => ({ size: stats.size, isFile: stats.isFile() }))
  if (isFile && size <= maxBytes) return handle.createReadStream({ highWaterMark: 256 * 1024, signal })
  await handle.close()
  throw errors.inputRefused(field, isFile ? `has more than ${maxBytes} bytes, the limit for inputs` : 'is not a file')
}

function toPath (location: string, field: string): string {
  if (location === '' || location.includes('\0')) throw errors.inputRefused(field, 'is not a path')
  if (!/^[a-z][a-z0-9+.-]*:/i.test(location)) return resolve(location)
  if (!/^file:\/\/\//i.test(location)) {
    throw errors.inputRefused(field, 'must be a path, or a URI that begins with file:///, http:// or https://')
  }
  try {
    return fileURLToPath(location)
  } catch {
    throw errors.inputRefused(field, 'is not a valid file URI')
  }
}

function isWithin (folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
