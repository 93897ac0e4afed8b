import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpuMs } from './cpu.ts'

/** What a command took: seconds by the clock and of CPU, and its greatest resident memory in MB. */
export type Watched = { seconds: number, cpuSeconds: number, peakMb: number }

const pollMs = 10

/** Runs a command to its end. CPU and memory are those seen at the last look, at most 10 ms before the end. */
export async function watch (command: string, args: string[]): Promise<Watched> {
  const started = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const watched = { seconds: 0, cpuSeconds: 0, peakMb: 0 }
  const look = setInterval(() => {
    watched.cpuSeconds = Math.max(watched.cpuSeconds, (cpuMs(child.pid) ?? 0) / 1000)
    watched.peakMb = Math.max(watched.peakMb, peakMb(child.pid))
  }, pollMs)
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve)).finally(() => { clearInterval(look) })
  if (code !== 0) throw new Error(`${command} ended with ${code}`)
  watched.seconds = (performance.now() - started) / 1000
  return watched
}

function peakMb (pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
