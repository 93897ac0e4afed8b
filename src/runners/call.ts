import { resolve } from 'node:path'
import { errors } from '../base/errors.ts'
import type { Call, FunctionToCall, ProgramToCall } from '../sdk/call.ts'
import { createCommandRunner } from './command/command.ts'
import { importFile } from './module/import-file.ts'
import type { JobContext } from './runner.ts'

const PATH = '/usr/local/bin:/usr/bin:/bin'
/** Between the stop signal and the end by force. */
const GRACE_MS = 5000
/** What a program prints stays inside the job, so it may be more than the output of one. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

type Callable = (...given: readonly unknown[]) => unknown
type Context = Omit<JobContext, 'wrote'>

/** What a process calls inside its job. */
export function createCall (context: Context): Call {
  const loaded = new Map<string, Promise<Callable>>()
  return (async (run: FunctionToCall | ProgramToCall, given: readonly unknown[] | Readonly<Record<string, unknown>>) => {
    context.signal.throwIfAborted()
    if ('command' in run) return await runProgram(run, given as Readonly<Record<string, unknown>>, context)
    const found = await load(run, loaded)
    return await found(...given as readonly unknown[])
  }) as Call
}

/** A file is loaded once per job: it may keep something from one call to the next. */
async function load (run: FunctionToCall, loaded: Map<string, Promise<Callable>>): Promise<Callable> {
  const key = JSON.stringify(run)
  const found = loaded.get(key) ?? pick(run)
  loaded.set(key, found)
  return await found
}

async function pick ({ module, export: wanted }: FunctionToCall): Promise<Callable> {
  const file = resolve(module)
  const exported = await importFile(file)
  const names = typeof wanted === 'string' ? [wanted] : wanted
  const found = names.map((name) => exported[name]).find((one) => one !== undefined && one !== null)
  if (typeof found !== 'function') throw errors.final(`${file} exports no function ${names[0]}`)
  return found as Callable
}

async function runProgram ({ command, cwd, env }: ProgramToCall, given: Readonly<Record<string, unknown>>, context: Context): Promise<unknown> {
  const entry = { command: [...command], cwd, env: { PATH, ...env } }
  const runner = createCommandRunner(entry, { lookupsFolder: resolve('.'), graceMs: GRACE_MS, maxOutputBytes: MAX_OUTPUT_BYTES, env: {} })
  const { id, source, type } = context.event
  const { output } = await runner.run({ ...context, params: { ...given }, event: { id, source, type, ...given }, wrote: () => {} })
  return output
}
