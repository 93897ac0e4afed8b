import { createReadStream } from 'node:fs'
import { checksumLine, createBsdSum } from './sequence/checksum.ts'
import type { Store } from '../../sdk/store/open.ts'

/** A file that is whole, but not yet in the store; `parts` are gzip files, which one after another are one. */
export type StagedFile = { name: string, parts: string[], records: number }

/** A file in the store. `name` is its name there. */
export type DumpedFile = { name: string, url: string, bytes: number, records: number }

export type Publication = { store: Store, folder: string, files: StagedFile[], readme: string, signal: AbortSignal }

/**
 * Puts the files of one type into their folder of the store, with README and CHECKSUMS, and only then removes what else
 * is in that folder. Without files the folder ends up empty. Answers the files without README and CHECKSUMS.
 */
export async function publishFolder ({ store, folder, files, readme, signal }: Publication): Promise<DumpedFile[]> {
  const dumped: DumpedFile[] = []
  const lines = new Map<string, string>()
  const write = async (name: string, source: AsyncIterable<Uint8Array>): Promise<number> => {
    const { add, sum } = createBsdSum()
    const bytes = await store.write(`${folder}/${name}`, observed(source, add), signal)
    lines.set(name, checksumLine(sum(), bytes, name))
    return bytes
  }
  for (const { name, parts, records } of files) {
    const bytes = await write(name, joined(parts))
    dumped.push({ name: `${folder}/${name}`, url: store.url(`${folder}/${name}`), bytes, records })
  }
  const names = new Set(files.map(({ name }) => `${folder}/${name}`))
  if (files.length > 0) {
    await write('README', text(readme))
    const checksums = [...lines].sort(([one], [other]) => one < other ? -1 : 1).map(([, line]) => line).join('')
    await store.write(`${folder}/CHECKSUMS`, text(checksums), signal)
    names.add(`${folder}/README`).add(`${folder}/CHECKSUMS`)
  }
  for (const name of await store.list(folder)) if (!names.has(name)) await store.remove(name)
  return dumped
}

async function * joined (paths: string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield * createReadStream(path, { highWaterMark: 256 * 1024 })
}

async function * observed (
  source: AsyncIterable<Uint8Array>,
  observe: (bytes: Uint8Array) => void
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    observe(chunk)
    yield chunk
  }
}

async function * text (content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content)
}
