import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'

const LOOK_MS = 250
/** One look that took so long says that the whole machine stood still (a suspended laptop), not the event loop. */
const STOOD_STILL_MS = 10_000
const STDERR = 2

const { beats, limitMs, pid } = workerData as { beats: Int32Array, limitMs: number, pid: number }

let last = Atomics.load(beats, 0)
let silentMs = 0
for (let at = performance.now(); ;) {
  await sleep(LOOK_MS)
  const now = performance.now()
  const beat = Atomics.load(beats, 0)
  silentMs = beat !== last || now - at > STOOD_STILL_MS ? 0 : silentMs + now - at
  last = beat
  at = now
  if (silentMs >= limitMs) {
    const msg = `the event loop has not turned for ${Math.round(silentMs / 1000)} s: this process ends itself`
    writeSync(STDERR, `${JSON.stringify({ level: 60, time: Date.now(), pid, msg })}\n`)
    // Only SIGKILL ends a process that hears nothing.
    process.kill(pid, 'SIGKILL')
  }
}
