import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker as Thread } from 'node:worker_threads'

/** How often the event loop shows that it turns. */
const BEAT_MS = 500

export interface Watchdog {
  close: () => Promise<void>
}

/**
 * Ends this process when its event loop has not turned for `limitMs`: then no timer fires, no request is answered, and
 * no signal is heard, so that nobody inside can do it. Whoever started the process starts it again; what it ran is
 * taken by others.
 */
export function startWatchdog (limitMs: number): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const self = fileURLToPath(import.meta.url)
  const file = new URL(`./watchdog-thread${extname(self)}`, import.meta.url)
  const thread = new Thread(file, { workerData: { beats, limitMs, pid: process.pid }, name: 'watchdog', env: {} })
  thread.unref()
  const timer = setInterval(() => { Atomics.add(beats, 0, 1) }, BEAT_MS)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      await thread.terminate()
    }
  }
}
