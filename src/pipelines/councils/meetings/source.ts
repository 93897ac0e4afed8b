import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { errors } from '../../../base/errors.ts'
import type { ProcessContext } from '../../../sdk/process.ts'
import { gatherLegistar } from '../legistar/gather.ts'
import { LegistarSchema } from '../legistar/settings.ts'
import { doubling, isPassing, retry } from '../../../base/retry.ts'
import { foundNothingElse, type Found } from '../model/found.ts'
import type { Range } from './range.ts'

export const ModuleSourceSchema = Type.Object({
  module: Type.String({ minLength: 1, description: 'A TypeScript or JavaScript file, relative to the working folder' }),
  export: Type.Optional(Type.String({
    minLength: 1,
    description:
    'Its function, called with begin and end (Date) and { signal, log, block }; get_events, or else the default ' +
    'export'
  }))
}, { additionalProperties: false })

export const CommandSourceSchema = Type.Object(
  {
    command: Type.Array(Type.String(), {
      minItems: 1,
      description: 'Program and arguments; { "begin", "end" } is JSON on stdin, the last line of stdout the list'
    }),
    cwd: Type.Optional(Type.String({ minLength: 1 })),
    env: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Its environment, beside a plain PATH' })
    )
  },
  { additionalProperties: false }
)

export const SourceSchema = Type.Union([
  ModuleSourceSchema,
  CommandSourceSchema,
  Type.Object({ legistar: LegistarSchema }, { additionalProperties: false })
])

/** Asks the source of a city for the meetings of a range. */
export async function askSource (
  source: unknown,
  range: Range,
  context: ProcessContext,
  { zone, pauseMs }: { zone: string, pauseMs: number }
): Promise<Found> {
  const settings = readSource(source)
  if ('legistar' in settings) return await gatherLegistar(settings.legistar, range, { ...context, zone, pauseMs })
  const { signal, log } = context
  const list = await retry(async () => await ask(settings, range, context), {
    tries: 3,
    delays: doubling(pauseMs),
    mayPass: isPassing,
    signal,
    log
  })
  if (list === null || list === undefined) return foundNothingElse([])
  if (!Array.isArray(list)) {
    throw errors.final(`the source must return a list of events, or null; it returned ${typeof list}`)
  }
  return foundNothingElse(list as unknown[])
}

/** The name of a source, under which the ids of its meetings are known. */
export function nameOfSource (source: unknown): string {
  const settings = readSource(source)
  if ('legistar' in settings) return `legistar:${settings.legistar.client}`
  return 'module' in settings ? `module:${settings.module}` : `command:${settings.command.join(' ')}`
}

function readSource (source: unknown): Static<typeof SourceSchema> {
  if (source === undefined) {
    throw errors.final(
      'no source: params.fixed.source of this process in process_lookup.json names where meetings come from'
    )
  }
  if (Value.Check(SourceSchema, source)) return source
  throw errors.final(
    'source (params.fixed of process_lookup.json) must be { "module": … }, { "command": [ … ] } or { "legistar": ' +
    '{ "client": … } }, without other fields')
}

/** Asks what the operator has named once for the whole range. */
async function ask (
  settings: Static<typeof ModuleSourceSchema> | Static<typeof CommandSourceSchema>,
  { begin, end }: Range,
  { call, signal, log, block }: ProcessContext
): Promise<unknown> {
  const [from, to] = [new Date(begin), new Date(end)]
  if ('command' in settings) return await call(settings, { begin: from.toISOString(), end: to.toISOString() })
  const { module, export: name = ['get_events', 'default'] } = settings
  return await call({ module, export: name }, [from, to, { signal, log, block }])
}
