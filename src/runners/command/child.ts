import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { timerMs } from '../../base/deadline.ts'
import { errors } from '../../base/errors.ts'
import { createProcessGroup } from '../../sdk/process-group.ts'
import { stopReason } from '../failure.ts'
import type { MaskedContext } from '../masked.ts'
import { createProgress } from '../progress.ts'
import { type Line, readLines } from './lines.ts'
import { parseProgress } from './output.ts'
import type { CommandRun } from './schema.ts'
import { createCommandSteps } from './steps.ts'

export type Child = ChildProcessByStdio<Writable, Readable, Readable>
/** `stopped` says why it was told to stop. */
type End = { code: number | null, signal: NodeJS.Signals | null, stopped: string | undefined }

export const start = async (
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
export const follow = (child: Child, context: MaskedContext, maxOutputBytes: number, holdsOutput: boolean) => {
  const { log, redactor } = context
  const progress = createProgress(context.progress)
  const steps = createCommandSteps(context.reports)
  let last: Line | undefined
  let tail = ''
  const reports = (line: Line): boolean => {
    const report = parseProgress(line)
    if (report !== undefined) progress.report(report)
    return report !== undefined || steps.take(line)
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
    return { last, tail, steps }
  }
}

const killMs = 5000
const pipeMs = 1000

/** Waits for the end of the child and of its whole group, and brings it about when the signal says so. */
export const finish = async (
  child: Child,
  signal: AbortSignal,
  stopSignal: NodeJS.Signals,
  graceMs: number
): Promise<End> => {
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
    return { code, signal: death, stopped }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    child.stdout.destroy()
    child.stderr.destroy()
  }
}
