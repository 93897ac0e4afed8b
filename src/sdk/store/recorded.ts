import { createHash } from 'node:crypto'
import { errors } from '../../base/errors.ts'
import type { Redactor } from '../masking/redactor.ts'
import type { Store } from './store.ts'

/** A file as a job wrote it. */
export type WrittenFile = { name: string, size: number, sha256: string }

/**
 * The same store; tells of every file that was written whole. The name of a file is shown to many:
 * it may hold no secret.
 */
export const recorded = (
  store: Store,
  wrote: (file: WrittenFile) => void,
  { finds, text }: Pick<Redactor, 'finds' | 'text'>
): Store => ({
  ...store,
  write: async (name, source, signal) => {
    if (finds(name)) throw errors.final(`the name of a file holds a secret: ${text(name)}`)
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
