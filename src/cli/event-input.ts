import { readFile } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'
import { UsageError } from '../base/errors.ts'
import { readReprObject } from '../base/python-repr.ts'
import type { Arguments } from './command.ts'
import type { NewEvent } from '../client/event-client.ts'

/** The event of a command line: `--event`, and over it the positional TYPE and the other options. @throws UsageError */
export async function readEventInput (
  { positionals, text, texts }: Arguments,
  stdin: NodeJS.ReadableStream
): Promise<NewEvent> {
  const given = text('event')
  const base = given === undefined ? {} : await readJson('--event', given, stdin)
  if (!isObject(base)) throw new UsageError('--event is not a JSON object')
  const type = positionals[0] ?? base['type']
  if (typeof type !== 'string' || type === '') {
    throw new UsageError('TYPE is missing: the event type, here or in --event')
  }
  const data = text('data') === undefined ? base['data'] : await readJson('--data', text('data') ?? '', stdin)
  const fields = ['id', 'source', 'subject', 'genome'].flatMap((name) =>
    text(name) === undefined ? [] : [[name, text(name)] as const]
  )
  const all = withFields(data, texts('set'))
  return { ...base, ...Object.fromEntries(fields), type, data: all }
}

/** JSON as it stands, `@file`, or `-` for stdin. */
async function readJson (option: string, value: string, stdin: NodeJS.ReadableStream): Promise<unknown> {
  const json =
    value === '-' || value === '@-'
      ? await textOf(stdin)
      : value.startsWith('@')
        ? await readText(option, value.slice(1))
        : value
  try {
    return readReprObject(json) ?? JSON.parse(json)
  } catch (error) {
    throw new UsageError(`${option} is not JSON: ${(error as Error).message}`)
  }
}

async function readText (option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`)
  }
}

/** `key=text` and `key:=JSON` as fields of the data. */
function withFields (data: unknown, settings: string[]): unknown {
  if (settings.length === 0) return data
  if (data !== undefined && !isObject(data)) throw new UsageError('--set needs data that is a JSON object')
  return { ...data, ...Object.fromEntries(settings.map(readSetting)) }
}

function readSetting (setting: string): [string, unknown] {
  const [, key, json, value = ''] = /^([^=]+?)(:?)=(.*)$/s.exec(setting) ?? []
  if (key === undefined) throw new UsageError(`--set ${JSON.stringify(setting)} is not key=value`)
  if (json === '') return [key, value]
  try {
    return [key, JSON.parse(value)]
  } catch {
    throw new UsageError(`--set ${key}:=… needs JSON; for text write ${key}=…`)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
