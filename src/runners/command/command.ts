import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type Static, Type } from 'typebox'
import { timerMs } from '../../base/deadline.ts'
import { errors } from '../../base/errors.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { openOutputFile, parseOutput, parseProgress } from './output.ts'
import { commandEnvironment } from './environment.ts'
import { stopReason } from '../failure.ts'
import { masked, type MaskedContext } from '../masked.ts'
import { type Line, readLines } from './lines.ts'
import { createProcessGroup } from '../../sdk/process-group.ts'
import { createProgress } from '../progress.ts'
import type { Kinds } from '../../sdk/blocks/kind.ts'
import type { Runner } from '../runner.ts'
import { type Environment, ValueSchema } from '../value.ts'

export const CommandRunSchema = Type.Object(
  {
    command: Type.Array(Type.String(), {
      minItems: 1,
      description:
        'Program and arguments, as they are: no shell, and nothing of the event is put into them. The event is on stdin as JSON'
    }),
    cwd: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Working folder, relative to the lookups folder, which is the default'
      })
    ),
    env: Type.Optional(
      Type.Record(Type.String(), ValueSchema, {
        description:
          'Variables for the command. Of those of the worker it gets only PATH, HOME, LANG, TZ, TMPDIR and their like'
      })
    ),
    output: Type.Optional(
      Type.Union(
        [
          Type.Literal('last_line', { description: 'The last line of stdout that is not blank' }),
          Type.Object(
            {
              file: Type.String({
                pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*$',
                description:
                  'Name of a file in a private temporary folder; the command finds its path in SIGNALBOX_OUTPUT'
              })
            },
            { additionalProperties: false }
          )
        ],
        {
          default: 'last_line',
          description: 'Where the output stands: JSON { output?, events? }, any other JSON, or text'
        }
      )
    ),
    stop_signal: Type.Optional(
      Type.Union(
        [
          Type.Literal('SIGTERM'),
          Type.Literal('SIGINT'),
          Type.Literal('SIGHUP'),
          Type.Literal('SIGQUIT'),
          Type.Literal('SIGUSR1'),
          Type.Literal('SIGUSR2')
        ],
        {
          default: 'SIGTERM',
          description:
            'What its process group is sent on timeout, cancel and shutdown; SIGKILL follows after the grace period'
        }
      )
    )
  },
  {
    additionalProperties: false,
    description: 'A program in any language. What it leaves running in its process group is ended with it'
  }
)

export type CommandRun = Static<typeof CommandRunSchema>

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

type Child = ChildProcessByStdio<Writable, Readable, Readable>
type End = { code: number | null, signal: NodeJS.Signals | null }

const runCommand = async (
  entry: CommandRun,
  options: CommandRunnerOptions,
  context: MaskedContext
): Promise<ProcessOutcome> => {
  const { signal } = context
  if (signal.aborted) throw new Error(stopReason(signal))
  const file = typeof entry.output === 'object' ? await openOutputFile(entry.output.file) : undefined
  try {
    const env = await commandEnvironment(entry.env, context, options, file?.path)
    const child = await start(entry, resolve(options.lookupsFolder, entry.cwd ?? '.'), env)
    const printed = follow(child, context, options.maxOutputBytes, file === undefined)
    // a command that does not read its event closes the pipe early, which is its right
    child.stdin.on('error', () => {}).end(JSON.stringify(context.event))
    const {
      code,
      signal: death,
      stopped
    } = await finish(child, signal, entry.stop_signal ?? 'SIGTERM', options.graceMs)
    const { last, tail } = printed()
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
      file === undefined ? last?.text : await file.read(options.maxOutputBytes),
      options.maxOutputBytes
    )
  } finally {
    await file?.remove()
  }
}

const start = async (
  { command: [program = '', ...args] }: CommandRun,
  cwd: string,
  env: Record<string, string>
): Promise<Child> => {
  try {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true
    })
    await once(child, 'spawn')
    return child
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    // too many processes or open files: a moment later it may work
    if (['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(code)) {
      throw new Error(`the program ${program} cannot be started now: ${code}`)
    }
    // the system says ENOENT of a missing folder, too
    if (code === 'ENOENT' && !existsSync(cwd)) throw errors.final(`the working folder ${cwd} does not exist`)
    throw errors.final(
      code === 'ENOENT'
        ? `the program ${program} was not found`
        : `the program ${program} cannot be started: ${code}`,
      { cause }
    )
  }
}

const tailLength = 1000
const maxTold = 2000

/**
 * Sends what the child prints to the log; answers the last line of stdout, held back when it is the
 * output, and the end of stderr.
 */
const follow = (child: Child, context: MaskedContext, maxOutputBytes: number, holdsOutput: boolean) => {
  const { log, redactor } = context
  const progress = createProgress(context.progress)
  let last: Line | undefined
  let tail = ''
  const reports = (line: Line): boolean => {
    const report = parseProgress(line)
    if (report !== undefined) progress.report(report)
    return report !== undefined
  }
  readLines(child.stdout, maxOutputBytes, line => {
    if (reports(line)) return
    if (!holdsOutput) return log(line.text)
    if (last !== undefined) log(last.text)
    last = line
  })
  readLines(child.stderr, 8192, line => {
    if (reports(line)) return
    // Masked before it is cut, and far from where a long line was cut.
    tail = `${tail}\n${redactor.text(line.text).slice(0, maxTold)}`.slice(-tailLength).trim()
    log(line.text)
  })
  return () => {
    progress.flush()
    return { last, tail }
  }
}

const killMs = 5000
const pipeMs = 1000

/** Waits for the end of the child and of its whole group, and brings it about when the signal says so. */
const finish = async (
  child: Child,
  signal: AbortSignal,
  stopSignal: NodeJS.Signals,
  graceMs: number
): Promise<End & { stopped?: string }> => {
  const group = createProcessGroup(child.pid ?? 0)
  const exit = once(child, 'exit')
  const close = once(child, 'close')
  let stopped: string | undefined
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    stopped = stopReason(signal)
    group.signal(stopSignal)
    timer = setTimeout(() => {
      stopped = `${stopReason(signal)}; it did not stop within ${graceMs} ms of ${stopSignal} and was killed`
      group.signal('SIGKILL')
    }, timerMs(graceMs))
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  try {
    const [code, death] = (await exit) as [number | null, NodeJS.Signals | null]
    // the job ends with the program that was started; what it left behind must not
    if (stopped === undefined) group.signal(stopSignal)
    if (!(await group.ended(graceMs))) {
      group.signal('SIGKILL')
      await group.ended(killMs)
    }
    // a descendant with a group of its own may hold the pipes open
    await Promise.race([close, delay(pipeMs, undefined, { ref: false })])
    return { code, signal: death, ...(stopped === undefined ? {} : { stopped }) }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    child.stdout.destroy()
    child.stderr.destroy()
  }
}
