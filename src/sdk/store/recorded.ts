import { createHash } from 'node:crypto'
import type { Store } from './store.ts'

/** A file as a job wrote it. */
export type WrittenFile = { name: string, size: number, sha256: string }

/** The same store; tells of every file that was written whole. */
export const recorded = (store: Store, wrote: (file: WrittenFile) => void): Store => ({
  ...store,
  write: async (name, source, signal) => {
    const hash = createHash('sha256')
    const hashed = async function * (): AsyncGenerator<Uint8Array | string> {
      for await (const chunk of source) {
        hash.update(chunk)
        yield chunk
      }
    }
    const size = await store.write(name, hashed(), signal)
    wrote({ name, size, sha256: hash.digest('hex') })
    return size
  }
})
