import { createWriteStream } from 'node:fs'
import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { errors } from '../../base/errors.ts'
import type { ProcessContext, Trigger } from '../../sdk/process.ts'

type Given = Pick<ProcessContext, 'absorbed' | 'allAbsorbed' | 'joined' | 'signal'>

/** A private folder of one run of a command: what is too much for a variable, and its output. */
export interface CommandFolder {
  /** Where the command writes its output; undefined where that is the last line of stdout. */
  output: string | undefined
  /** JSON lines `{ event, job }`: all triggers that the run answers. Undefined where it answers its own alone. */
  absorbed: string | undefined
  /** JSON: the last event of each type, by type. Undefined where it joins nothing. */
  joined: string | undefined
  /** The text of the output; undefined where the command wrote none. */
  readOutput: (maxBytes: number) => Promise<string | undefined>
  remove: () => Promise<void>
}

/** A run that needs no file has no folder. */
export async function openCommandFolder (output: string | undefined, given: Given): Promise<CommandFolder> {
  const { absorbed, allAbsorbed, joined, signal } = given
  const isJoin = Object.keys(joined).length > 0
  const isNeeded = output !== undefined || absorbed.length > 0 || isJoin
  const folder = isNeeded ? await mkdtemp(join(tmpdir(), 'signalbox-')) : undefined
  const remove = async (): Promise<void> => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
  const path = (name: string, isUsed: boolean): string | undefined =>
    folder === undefined || !isUsed ? undefined : join(folder, name)
  const paths = {
    output: output === undefined ? undefined : path(output, true),
    absorbed: path('.absorbed.jsonl', absorbed.length > 0),
    joined: path('.joined.json', isJoin)
  }
  try {
    if (paths.absorbed !== undefined) {
      await pipeline(linesOf(allAbsorbed()), createWriteStream(paths.absorbed), { signal })
    }
    if (paths.joined !== undefined) await writeFile(paths.joined, JSON.stringify(joined), { signal })
  } catch (error) {
    await remove()
    throw error
  }
  return { ...paths, readOutput: (maxBytes) => readOutput(paths.output, output, maxBytes), remove }
}

async function * linesOf (pages: AsyncIterable<Trigger[]>): AsyncGenerator<string> {
  for await (const page of pages) {
    for (const trigger of page) yield `${JSON.stringify(trigger)}\n`
  }
}

async function readOutput (path = '', name = '', maxBytes: number): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return undefined
  if (!found.isFile()) throw errors.final(`${name} is no regular file`)
  if (found.size > maxBytes) {
    throw errors.final(`${name} has ${found.size} bytes, more than the ${maxBytes} allowed for an output`)
  }
  return await readFile(path, 'utf8')
}
