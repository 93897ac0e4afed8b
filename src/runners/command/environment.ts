import type { JobContext } from '../runner.ts'
import { type Environment, type Value, readValues } from '../value.ts'

// What a program needs to run at all; anything else of the service's environment may be a secret.
const passedOn = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|PATHEXT|COMSPEC)$/i

// Linux refuses to start a program with a variable of more than 128 KiB.
const maxJsonBytes = 100_000

/** The environment of a command: a safe part of ours, the job's `SIGNALBOX_…`, and the entry's own, which wins. */
export const commandEnvironment = (
  own: Record<string, Value> | undefined, context: JobContext, service: Environment, outputFile: string | undefined, log: (line: string) => void
): Record<string, string> => {
  const { event, params, jobId, processName, attempt, absorbed, joined } = context
  const variables = new Map<string, string>()
  for (const [name, value] of Object.entries(service)) {
    if (value !== undefined && passedOn.test(name)) variables.set(name, value)
  }
  variables.set('SIGNALBOX_EVENT_ID', event.id)
  variables.set('SIGNALBOX_EVENT_TYPE', event.type)
  variables.set('SIGNALBOX_JOB_ID', jobId)
  variables.set('SIGNALBOX_PROCESS', processName)
  variables.set('SIGNALBOX_ATTEMPT', String(attempt))
  setJson('SIGNALBOX_PARAMS', params, 'the event on stdin has them in "data"')
  if (absorbed.length > 0) setJson('SIGNALBOX_ABSORBED', absorbed, 'GET /jobs/PROCESS/ID has them in "absorbed"')
  if (Object.keys(joined).length > 0) setJson('SIGNALBOX_JOINED', joined, 'GET /events/ID has each of them')
  if (outputFile !== undefined) variables.set('SIGNALBOX_OUTPUT', outputFile)
  for (const [name, value] of readValues(own, service)) variables.set(name, value)
  return Object.fromEntries(variables)

  function setJson (name: string, value: unknown, otherwise: string): void {
    const text = JSON.stringify(value)
    if (Buffer.byteLength(text) <= maxJsonBytes) variables.set(name, text)
    else log(`${name} is left out: it has more than ${maxJsonBytes} bytes; ${otherwise}`)
  }
}
