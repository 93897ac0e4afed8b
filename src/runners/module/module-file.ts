import { resolve } from 'node:path'
import { errors } from '../../base/errors.ts'
import type { ProcessDefinition, ProcessFunction } from '../../sdk/process.ts'
import { importFile } from './import-file.ts'

/** The processes that come with Signalbox, by name. */
export type BuiltIns = ReadonlyMap<string, ProcessDefinition>

/** Where a process function is found: the name of a built-in process, or a file and what it exports. */
export type ModuleAddress = { module: string, export?: string }

/**
 * The function that an entry names. Throws `errors.final` with what is wrong: no such built-in process, no such file, a
 * file that does not load, an export that is missing or is no function.
 */
export const loadModule = async (
  address: ModuleAddress,
  lookupsFolder: string,
  builtIns: BuiltIns
): Promise<ProcessFunction> => {
  const builtIn = builtIns.get(address.module)
  if (builtIn !== undefined) {
    if (address.export !== undefined) throw errors.final(`the built-in process ${address.module} takes no "export"`)
    return await builtIn.load()
  }
  if (!/^(\.{0,2}\/|[a-z]:[\\/])/i.test(address.module)) {
    throw errors.final(
      `${JSON.stringify(address.module)} is no built-in process (there are ${[...builtIns.keys()].join(', ')}); a file begins with ./, ../ or /`
    )
  }
  const file = resolve(lookupsFolder, address.module)
  return pick(await importFile(file), address.export, file)
}

const pick = (exported: Record<string, unknown>, name: string | undefined, file: string): ProcessFunction => {
  const value = name === undefined ? exported.run ?? exported.default : exported[name]
  if (typeof value === 'function') return value as ProcessFunction
  const wanted =
    name === undefined ? 'neither a function "run" nor a default function' : `no function ${JSON.stringify(name)}`
  const names = Object.keys(exported)
  throw errors.final(
    `${file} exports ${wanted}; ${names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`}`
  )
}
