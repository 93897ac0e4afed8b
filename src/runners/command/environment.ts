import type { MaskedContext } from '../masked.ts'
import { safeEnvironment } from '../environment.ts'
import { type Environment, type Value, readValues } from '../value.ts'
import type { Kinds } from '../../sdk/blocks/kind.ts'
import type { CommandFolder } from './folder.ts'

/** Linux refuses to start a program with a variable of more than 128 KiB. */
const MAX_JSON_BYTES = 100_000

/** The environment of a command: a safe part of ours, the job's `SIGNALBOX_…`, and the entry's own, which wins. */
export async function commandEnvironment (
  own: Record<string, Value> | undefined,
  context: MaskedContext,
  { env, kinds }: { env: Environment, kinds: Kinds },
  files: Pick<CommandFolder, 'output' | 'absorbed' | 'joined'>
): Promise<Record<string, string>> {
  const { event, params, jobId, processName, attempt } = context
  const variables: Record<string, string> = {
    ...safeEnvironment(env),
    SIGNALBOX_EVENT_ID: event.id,
    SIGNALBOX_EVENT_TYPE: event.type,
    SIGNALBOX_JOB_ID: jobId,
    SIGNALBOX_PROCESS: processName,
    SIGNALBOX_ATTEMPT: String(attempt)
  }
  if (context.traceparent !== undefined) variables['TRACEPARENT'] = context.traceparent
  if (files.output !== undefined) variables['SIGNALBOX_OUTPUT'] = files.output
  if (files.absorbed !== undefined) variables['SIGNALBOX_ABSORBED'] = files.absorbed
  if (files.joined !== undefined) variables['SIGNALBOX_JOINED'] = files.joined
  return Object.assign(
    variables,
    paramsVariable(params, context),
    Object.fromEntries(await readValues(own, { env, kinds, ...context }))
  ) as Record<string, string>
}

function paramsVariable (params: unknown, { log }: Pick<MaskedContext, 'log'>): Record<string, string> {
  const text = JSON.stringify(params)
  if (Buffer.byteLength(text) <= MAX_JSON_BYTES) return { SIGNALBOX_PARAMS: text }
  log(`SIGNALBOX_PARAMS is left out: it has more than ${MAX_JSON_BYTES} bytes; the event on stdin has them in "data"`)
  return {}
}
