import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { deadline } from '../../../base/deadline.ts'
import { formatDuration } from '../../../base/duration.ts'
import { errors } from '../../../base/errors.ts'
import { createProcessGroup } from '../../../sdk/process-group.ts'
import { confine } from './confine.ts'

/**
 * A program of the system, and the Debian packages that bring it. `isConfined`: it reads what strangers made, and needs
 * no network for that.
 */
export type Program = { name: string, packages: string, isConfined?: boolean }

export const FFMPEG: Program = { name: 'ffmpeg', packages: 'ffmpeg', isConfined: true }
export const FFPROBE: Program = { name: 'ffprobe', packages: 'ffmpeg', isConfined: true }

export type ProgramRun = {
  args: string[]
  /** Its working folder, its home, and where it may put temporary files. */
  folder: string
  /** What a confined program reads outside of its folder. */
  reads?: string[]
  signal: AbortSignal
  timeoutMs: number
  /** Every line that it prints, as it comes. */
  onLine?: ((line: string) => void) | undefined
  /** Where all of its standard output goes. */
  stdoutFile?: string
}

/** What it printed: of each stream no more than its last `KEPT` characters. */
export type Printed = { stdout: string, stderr: string }

// Not those of PATH: the environment of the service may hold secrets, and none of it is handed on.
const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin']
const KEPT = 256 * 1024
const MAX_LINE = 16 * 1024

/**
 * Runs a program to its end without a shell, with an empty input and nothing of the service's environment. It is killed
 * when the signal is aborted, when its time is up, and, where the system has `setpriv`, when the one who started it
 * dies.
 *
 * @throws FINAL where the program is not installed, and an error with the end of what it printed where it failed
 */
export async function runProgram (program: Program, run: ProgramRun, folders = FOLDERS): Promise<Printed> {
  const { args, folder, reads = [], signal, timeoutMs, onLine, stdoutFile } = run
  const path = await find(program.name, folders)
  if (path === undefined) {
    throw errors.final(`the program ${program.name} is not installed; Debian: apt-get install ${program.packages}`)
  }
  signal.throwIfAborted()
  // That of util-linux; the one of busybox, in /bin, does not know the option.
  const guard = await find('/usr/bin/setpriv', [])
  const [command, ...rest] = [
    ...(guard === undefined ? [] : [guard, '--pdeathsig', 'KILL', '--']),
    ...(program.isConfined === true ? await confine({ program: path, folder, reads }) : []),
    path,
    ...args
  ] as [string, ...string[]]
  const late = deadline(timeoutMs)
  const stop = AbortSignal.any([signal, late])
  const env = { PATH: folders.join(':'), HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8' }
  const child = spawn(command, rest, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const kill = (): void => { if (child.pid !== undefined) createProcessGroup(child.pid).signal('SIGKILL') }
  const written =
    stdoutFile === undefined ? undefined : pipeline(child.stdout, createWriteStream(stdoutFile)).catch(() => {})
  const stdout = follow(child.stdout, onLine)
  const stderr = follow(child.stderr, onLine)
  stop.addEventListener('abort', kill)
  if (stop.aborted) kill()
  try {
    // Killed is not gone: whoever removes the folder next must find nobody in it.
    const { code, death } = await ended(child)
    await written
    signal.throwIfAborted()
    if (late.aborted) throw new Error(`${program.name} did not end within ${formatDuration(timeoutMs)}`)
    if (code !== 0) {
      throw new ProgramFailure(
        program.name,
        code === null ? `was killed by ${death}` : `ended with code ${code}`,
        stderr()
      )
    }
    return { stdout: stdout(), stderr: stderr() }
  } finally {
    stop.removeEventListener('abort', kill)
  }
}

/** Resolves when it has ended and all that it printed is read; rejects where it could not be started. */
const ended = async (child: ChildProcess): Promise<{ code: number | null, death: NodeJS.Signals | null }> =>
  await new Promise((resolve, reject) => {
    child.once('close', (code, death) => { resolve({ code, death }) }).once('error', reject)
  })

/** The program ran and said no. `said` is the end of its standard error. */
export class ProgramFailure extends Error {
  readonly said: string
  constructor (name: string, how: string, stderr: string) {
    const lines = stderr.trim().split('\n').slice(-3).join('; ').slice(-600)
    super(`${name} ${how}${lines === '' ? '' : `: ${lines}`}`)
    this.name = 'ProgramFailure'
    this.said = stderr
  }
}

async function find (name: string, folders: string[]): Promise<string | undefined> {
  for (const path of name.startsWith('/') ? [name] : folders.map((folder) => join(folder, name))) {
    if (await access(path, constants.X_OK).then(() => true, () => false)) return path
  }
  return undefined
}

/** Keeps the end of what a stream says, and hands on its lines; ffmpeg ends its own with a carriage return. */
function follow (stream: Readable, onLine: ProgramRun['onLine']): () => string {
  let kept = ''
  let line = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    kept = (kept + chunk).slice(-KEPT)
    if (onLine === undefined) return
    const lines = (line + chunk).split(/[\r\n]/)
    line = (lines.pop() ?? '').slice(-MAX_LINE)
    for (const one of lines) if (one !== '') onLine(one.slice(0, MAX_LINE))
  }).on('end', () => { if (line !== '') onLine?.(line) }).on('error', () => {})
  return () => kept
}
