import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createJiti } from 'jiti'
import { errors } from '../../base/errors.ts'

const extensions = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs'])

/** What a TypeScript or JavaScript file exports. Throws `errors.final` with what is wrong with it. */
export const importFile = async (file: string): Promise<Record<string, unknown>> => {
  if (!extensions.has(extname(file))) {
    throw errors.final(`${file} is no module: its name must end in ${[...extensions].join(', ')}`)
  }
  if (!existsSync(file)) throw errors.final(`${file} does not exist`)
  try {
    // Node 20 cannot read TypeScript. No cache on disk: the folder may be read-only, and a stale
    // copy is worse than 20 ms.
    return file.endsWith('ts')
      ? await createJiti(import.meta.url, { fsCache: false }).import(file)
      : await import(pathToFileURL(file).href)
  } catch (cause) {
    throw errors.final(`${file} does not load: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
