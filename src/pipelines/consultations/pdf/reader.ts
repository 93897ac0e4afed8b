import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { timerMs } from '../../../base/deadline.ts'
import type { ToPdfChild } from './child.ts'
import type { FromPdfThread } from './thread.ts'
import type { PdfText } from './text.ts'

export type PdfLimits = { timeoutMs: number, memoryMb: number }

/** A PDF that cannot be read; the message says why. */
export class BrokenPdf extends Error { override name = 'BrokenPdf' }

/**
 * Reads PDFs in processes of their own, as many as are asked for at once: a hostile file takes
 * nothing down but its process.
 */
export interface PdfReader {
  /** @throws BrokenPdf; any other error is not the fault of the file */
  read: (path: string, signal: AbortSignal) => Promise<PdfText>
  /** Ends all its processes. */
  close: () => Promise<void>
}

/** Beyond the limit that the child keeps itself. */
const LATE_MS = 5000
const TRIES = 2
const MAX_ERROR = 500
// beside this file as .ts in a checkout and as .js when compiled
const childFile = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url))

export function openPdfReader ({ timeoutMs, memoryMb }: PdfLimits): PdfReader {
  const idle: ChildProcess[] = []
  const all = new Set<ChildProcess>()

  async function start (signal: AbortSignal): Promise<ChildProcess> {
    const child = fork(childFile, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: {} })
    all.add(child)
    child.once('exit', () => { all.delete(child) })
    let told = ''
    child.stderr?.on('data', (chunk: Buffer) => { told = `${told}${chunk.toString()}`.slice(-MAX_ERROR) })
    const reply = await nextReply(child, signal)
    if (typeof reply === 'string') throw new Error(`the reader of PDFs does not start: ${reply} ${told}`.trim())
    return child
  }

  async function read (path: string, signal: AbortSignal): Promise<PdfText> {
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted()
      const child = idle.pop() ?? await start(signal)
      const late = setTimeout(() => { child.kill('SIGKILL') }, timerMs(timeoutMs + LATE_MS))
      try {
        const answered = nextReply(child, signal)
        child.send({ path, timeoutMs, memoryMb } satisfies ToPdfChild, () => {})
        const reply = await answered
        if (typeof reply !== 'string' && 'read' in reply) {
          idle.push(child)
          return reply.read
        }
        if (typeof reply !== 'string' && 'failure' in reply) {
          if (reply.isOver === true) await end(child)
          else idle.push(child)
          throw new BrokenPdf(reply.failure)
        }
        // Killed from outside, perhaps not for this file.
        if (tries === TRIES) throw new BrokenPdf(`the process that read it died: ${String(reply)}`)
      } finally {
        clearTimeout(late)
      }
    }
  }

  return { read, close: async () => { await Promise.all([...all].map(end)) } }
}

async function end (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** What the child says next, or as text how it ended. When aborted it is ended. */
async function nextReply (child: ChildProcess, signal: AbortSignal): Promise<FromPdfThread | string> {
  const over = new AbortController()
  const abort = (): void => { child.kill('SIGKILL') }
  signal.addEventListener('abort', abort)
  try {
    const options = { signal: over.signal }
    const [reply] = (await Promise.race([
      once(child, 'message', options),
      once(child, 'exit', options).then(([code, killed]) => [
        killed === null ? `exit code ${code}` : `signal ${killed}`
      ])
    ])) as [FromPdfThread | string]
    signal.throwIfAborted()
    return reply
  } finally {
    signal.removeEventListener('abort', abort)
    over.abort()
  }
}
