import type { MaskedContext } from '../masked.ts'
import { safeEnvironment } from '../environment.ts'
import { type Environment, type Value, readValues } from '../value.ts'
import type { Kinds } from '../../sdk/blocks/kind.ts'

/** Linux refuses to start a program with a variable of more than 128 KiB. */
const MAX_JSON_BYTES = 100_000

/** The environment of a command: a safe part of ours, the job's `SIGNALBOX_…`, and the entry's own, which wins. */
export async function commandEnvironment (
  own: Record<string, Value> | undefined,
  context: MaskedContext,
  { env, kinds }: { env: Environment, kinds: Kinds },
  outputFile: string | undefined
): Promise<Record<string, string>> {
  const { event, params, jobId, processName, attempt, absorbed, joined } = context
  const json = [
    jsonVariable('SIGNALBOX_PARAMS', params, 'the event on stdin has them in "data"', context),
    absorbed.length === 0
      ? {}
      : jsonVariable('SIGNALBOX_ABSORBED', absorbed, 'GET /jobs/PROCESS/ID has them in "absorbed"', context),
    Object.keys(joined).length === 0
      ? {}
      : jsonVariable('SIGNALBOX_JOINED', joined, 'GET /events/ID has each of them', context)
  ]
  const variables: Record<string, string> = {
    ...safeEnvironment(env),
    SIGNALBOX_EVENT_ID: event.id,
    SIGNALBOX_EVENT_TYPE: event.type,
    SIGNALBOX_JOB_ID: jobId,
    SIGNALBOX_PROCESS: processName,
    SIGNALBOX_ATTEMPT: String(attempt)
  }
  if (context.traceparent !== undefined) variables['TRACEPARENT'] = context.traceparent
  if (outputFile !== undefined) variables['SIGNALBOX_OUTPUT'] = outputFile
  return Object.assign(
    variables,
    ...json,
    Object.fromEntries(await readValues(own, { env, kinds, ...context }))
  ) as Record<string, string>
}

function jsonVariable (
  name: string,
  value: unknown,
  otherwise: string,
  { log }: Pick<MaskedContext, 'log'>
): Record<string, string> {
  const text = JSON.stringify(value)
  if (Buffer.byteLength(text) <= MAX_JSON_BYTES) return { [name]: text }
  log(`${name} is left out: it has more than ${MAX_JSON_BYTES} bytes; ${otherwise}`)
  return {}
}
