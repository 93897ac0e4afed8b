import { Worker as Thread } from 'node:worker_threads'
import type { FromPdfThread } from './thread.ts'

/**
 * The process in which PDFs are read, one after the other. The reading itself is in a thread of it, so that this one
 * stays awake: it ends that thread when a PDF takes too long or too much memory, and itself when nobody listens any
 * more. It is given nothing of the environment.
 */
export type ToPdfChild = { path: string, timeoutMs: number, memoryMb: number }

const LOOK_MS = 25
const MEGABYTE = 1024 * 1024

// beside this file as .ts in a checkout and as .js when compiled
const thread = new Thread(new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url), {
  env: {}
})
let timer: NodeJS.Timeout | undefined

function say (message: FromPdfThread): void {
  clearInterval(timer)
  process.send?.(message)
}

function giveUp (failure: string): void {
  say({ failure, isOver: true })
  void thread.terminate()
}

process.on('message', ({ path, timeoutMs, memoryMb }: ToPdfChild) => {
  const started = Date.now()
  timer = setInterval(() => {
    if (Date.now() - started > timeoutMs) giveUp(`it took longer than ${timeoutMs / 1000} s`)
    else if (process.memoryUsage.rss() > memoryMb * MEGABYTE) giveUp(`it took more than ${memoryMb} MB of memory`)
  }, LOOK_MS)
  thread.postMessage(path)
})
thread.on('message', say)
thread.on('error', ({ message, code }: Error & { code?: string }) => {
  say({ failure: code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it took too much memory' : message, isOver: true })
})
process.on('disconnect', () => process.exit())
// Whoever started it decides when it ends, and may have got the same signal.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
