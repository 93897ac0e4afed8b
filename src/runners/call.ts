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

type Context = Omit<JobContext, 'wrote'>
type Exported = Record<string, unknown>

/** What a process calls inside its job. */
export function createCall (context: Context): Call {
  const loaded = new Map<string, Promise<Exported>>()
  return (async (
    run: FunctionToCall | ProgramToCall,
    given: readonly unknown[] | Readonly<Record<string, unknown>>
  ) => {
    context.signal.throwIfAborted()
    if ('command' in run) return await runProgram(run, given as Readonly<Record<string, unknown>>, context)
    return await callFunction(run, given as readonly unknown[], loaded)
  }) as Call
}

async function callFunction (
  { module, export: wanted }: FunctionToCall,
  given: readonly unknown[],
  loaded: Map<string, Promise<Exported>>
): Promise<unknown> {
  const file = resolve(module)
  const loading = loaded.get(file) ?? importFile(file)
  loaded.set(file, loading)
  const exported = await loading
  const names = typeof wanted === 'string' ? [wanted] : wanted
  const found = names.map((name) => exported[name]).find((one) => one !== undefined && one !== null)
  if (typeof found !== 'function') throw errors.final(`${file} exports no function ${names[0]}`)
  return await found(...given)
}

async function runProgram (
  { command, cwd, env }: ProgramToCall,
  given: Readonly<Record<string, unknown>>,
  context: Context
): Promise<unknown> {
  const entry = { command: [...command], cwd, env: { PATH, ...env } }
  const runner = createCommandRunner(entry, {
    lookupsFolder: resolve('.'),
    graceMs: GRACE_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    env: {},
    kinds: new Map()
  })
  const { id, source, type } = context.event
  const { output } = await runner.run({
    ...context,
    params: { ...given },
    event: { id, source, type, ...given },
    wrote: () => {}
  })
  return output
}
