import { resolve } from 'node:path'
import { errors } from '../../base/errors.ts'
import type { Kinds } from '../../sdk/blocks/kind.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { stopReason } from '../failure.ts'
import { masked, type MaskedContext } from '../masked.ts'
import type { Runner } from '../runner.ts'
import type { Environment } from '../value.ts'
import { finish, follow, start } from './child.ts'
import { commandEnvironment } from './environment.ts'
import { openCommandFolder } from './folder.ts'
import { parseOutput } from './output.ts'
import type { CommandRun } from './schema.ts'

export type CommandRunnerOptions = {
  /** Working folder where the entry names none; the program and `cwd` may be relative to it. */
  lookupsFolder: string
  /** Milliseconds between the stop signal and SIGKILL. */
  graceMs: number
  maxOutputBytes: number
  /** The environment of the service, of which little is passed on. */
  env: Environment
  kinds: Kinds
}

/**
 * Should the worker itself be killed by force, a command lives on until it ends or writes to a pipe
 * that nobody reads; the job is taken up again meanwhile, so two runs of it can overlap.
 */
export const createCommandRunner = (entry: CommandRun, options: CommandRunnerOptions): Runner => {
  const running = new Map<Promise<unknown>, () => void>()
  const runMasked = masked(async (context) => await runCommand(entry, options, context), options.kinds)
  return {
    run: async (context) => {
      const closing = new AbortController()
      const work = runMasked({ ...context, signal: AbortSignal.any([context.signal, closing.signal]) })
      running.set(work, () => closing.abort(new Error('the service is closing')))
      try {
        return await work
      } finally {
        running.delete(work)
      }
    },
    close: async () => {
      for (const stop of running.values()) stop()
      await Promise.allSettled(running.keys())
    }
  }
}

const runCommand = async (
  entry: CommandRun,
  options: CommandRunnerOptions,
  context: MaskedContext
): Promise<ProcessOutcome> => {
  const { signal } = context
  if (signal.aborted) throw new Error(stopReason(signal))
  const folder = await openCommandFolder(typeof entry.output === 'object' ? entry.output.file : undefined, context)
  try {
    const env = await commandEnvironment(entry.env, context, options, folder)
    const child = await start(entry, resolve(options.lookupsFolder, entry.cwd ?? '.'), env)
    const printed = follow(child, context, options.maxOutputBytes, folder.output === undefined)
    // a command that does not read its event closes the pipe early, which is its right
    child.stdin.on('error', () => {}).end(JSON.stringify(context.event))
    const end = await finish(child, signal, entry.stop_signal ?? 'SIGTERM', options.graceMs)
    const { code, signal: death, stopped } = end
    const { last, tail, steps } = printed()
    steps.end(code === 0 ? 'complete' : stopped === undefined ? 'failed' : 'interrupted', stopped)
    const detail = tail === '' ? '' : `: ${tail}`
    if (stopped !== undefined && code !== 0) throw new Error(stopped)
    if (death !== null) throw new Error(`killed by ${death}${detail}`)
    if (code !== 0) throw new Error(`exit code ${code}${detail}`)
    if (last?.cut === true) {
      throw errors.final(
        `the last line of stdout has more than the ${options.maxOutputBytes} bytes allowed for an output`
      )
    }
    return parseOutput(
      folder.output === undefined ? last?.text : await folder.readOutput(options.maxOutputBytes),
      options.maxOutputBytes
    )
  } finally {
    await folder.remove()
  }
}
