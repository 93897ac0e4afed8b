import { resolve } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { errors } from '../../../base/errors.ts'
import type { ProcessContext } from '../../../sdk/process.ts'
import { createCommandRunner } from '../../../runners/command/command.ts'
import { importFile } from '../../../runners/module/import-file.ts'
import { gatherLegistar } from '../legistar/gather.ts'
import { LegistarSchema } from '../legistar/settings.ts'
import { doubling, isPassing, retry } from '../../../base/retry.ts'
import type { Range } from './range.ts'

export const ModuleSourceSchema = Type.Object({
  module: Type.String({ minLength: 1, description: 'A TypeScript or JavaScript file, relative to the working folder' }),
  export: Type.Optional(Type.String({ minLength: 1, description: 'Its function, called with begin and end (Date) and { signal, log, block }; get_events, or else the default export' }))
}, { additionalProperties: false })

export const CommandSourceSchema = Type.Object({
  command: Type.Array(Type.String(), { minItems: 1, description: 'Program and arguments; { "begin", "end" } is JSON on stdin, the last line of stdout the list' }),
  cwd: Type.Optional(Type.String({ minLength: 1 })),
  env: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Its environment, beside a plain PATH' }))
}, { additionalProperties: false })

export const SourceSchema = Type.Union([ModuleSourceSchema, CommandSourceSchema, Type.Object({ legistar: LegistarSchema }, { additionalProperties: false })])

/** A meeting that a source could not give, and why. */
export type Skipped = { event: string, session?: number, item?: number, reason: string }
/** `given` is not checked yet. */
export type Found = { given: unknown[], skipped: Skipped[], unknownWords: string[] }

const MAX_LIST_BYTES = 64 * 1024 * 1024
const GRACE_MS = 5000
const PATH = '/usr/local/bin:/usr/bin:/bin'

/** Asks the source of a city for the meetings of a range. */
export async function askSource (source: unknown, range: Range, context: ProcessContext, { zone, pauseMs }: { zone: string, pauseMs: number }): Promise<Found> {
  const settings = readSource(source)
  if ('legistar' in settings) return await gatherLegistar(settings.legistar, range, { ...context, zone, pauseMs })
  const call = 'module' in settings ? await openModule(settings, context) : openCommand(settings, context)
  const { signal, log } = context
  const list = await retry(async () => await call(range), { tries: 3, delays: doubling(pauseMs), mayPass: isPassing, signal, log })
  if (list === null || list === undefined) return { given: [], skipped: [], unknownWords: [] }
  if (!Array.isArray(list)) throw errors.final(`the source must return a list of events, or null; it returned ${typeof list}`)
  return { given: list, skipped: [], unknownWords: [] }
}

function readSource (source: unknown): Static<typeof SourceSchema> {
  if (source === undefined) throw errors.final('no source: params.fixed.source of this process in process_lookup.json names where meetings come from')
  if (Value.Check(SourceSchema, source)) return source
  throw errors.final('source (params.fixed of process_lookup.json) must be { "module": … }, { "command": [ … ] } or { "legistar": { "client": … } }, without other fields')
}

type Call = (range: Range) => Promise<unknown>

async function openModule ({ module, export: name }: Static<typeof ModuleSourceSchema>, { signal, log, block }: ProcessContext): Promise<Call> {
  const file = resolve(module)
  const exported = await importFile(file)
  const found = name === undefined ? exported['get_events'] ?? exported['default'] : exported[name]
  if (typeof found !== 'function') throw errors.final(`${file} exports no function ${name ?? 'get_events'}`)
  return async ({ begin, end }) => await (found as (...args: unknown[]) => unknown)(new Date(begin), new Date(end), { signal, log, block })
}

function openCommand ({ command, cwd, env }: Static<typeof CommandSourceSchema>, context: ProcessContext): Call {
  const runner = createCommandRunner({ command, env: { PATH, ...env }, ...(cwd === undefined ? {} : { cwd }) }, { lookupsFolder: resolve('.'), graceMs: GRACE_MS, maxOutputBytes: MAX_LIST_BYTES, env: {} })
  return async ({ begin, end }) => {
    const params = { begin: new Date(begin).toISOString(), end: new Date(end).toISOString() }
    const { id, source, type } = context.event
    const job = { ...context, params, event: { id, source, type, ...params }, wrote: () => {} }
    const { output } = await runner.run(job)
    return output
  }
}
