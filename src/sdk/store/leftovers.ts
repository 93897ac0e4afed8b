import { createHash, randomUUID } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Names of files that are being written, which tell for whom. */
export interface Leftovers {
  temporaryPath: (path: string) => string
  /**
   * Removes from a folder what a killed writer left: an earlier run of the owner, or anybody who
   * has not written for a day.
   */
  sweep: (folder: string) => Promise<void>
}

const temporaryName = /^\..*\.([0-9a-f]{16})\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const abandonedMs = 24 * 3_600_000

/** Looks into each folder once. */
export function createLeftovers (owner: string): Leftovers {
  // Most jobs write nothing.
  let made: string | undefined
  const mark = (): string => (made ??= createHash('sha256').update(owner).digest('hex').slice(0, 16))
  const swept = new Set<string>()
  return {
    temporaryPath: (path) => join(dirname(path), `.${basename(path).slice(0, 100)}.${mark()}.${randomUUID()}`),
    sweep: async (folder) => {
      if (swept.has(folder)) return
      for (const name of await readdir(folder)) {
        const [, other] = temporaryName.exec(name) ?? []
        if (other === undefined) continue
        const path = join(folder, name)
        if (other === mark() || await isAbandoned(path)) await rm(path, { force: true })
      }
      swept.add(folder)
    }
  }
}

async function isAbandoned (path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > abandonedMs
}
