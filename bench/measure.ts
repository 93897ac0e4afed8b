import { cpuMs, machineMs } from './cpu.ts'
import { latencyOf, round, type Latency } from './summary.ts'

/** CPU time in milliseconds per event. */
export type Cpu = { process?: number, datastore?: number, load?: number }

/** One phase of one round. `latency` in milliseconds per call; `others` is how many cores strangers kept busy meanwhile. */
export type Measure = { events: number, perSecond: number, latency: Latency, cpu: Cpu, others?: number }

export type Pids = { process: number | undefined, datastore: number | undefined }

/** Runs `work` and tells what it cost whom. */
export async function measure (events: number, pids: Pids, work: () => Promise<{ ms: number, took: number[] }>): Promise<Measure> {
  const start = performance.now()
  const before = readUsage(pids)
  const { ms, took } = await work()
  const used = usedSince(before, readUsage(pids))
  const elapsed = performance.now() - start
  const cpu = perEvent(used, events)
  const others = used.machine === undefined || used.all === undefined ? {} : { others: round((used.machine - used.all) / elapsed, 2) }
  return { events, perSecond: round(events / ms * 1000, 1), latency: latencyOf(took), cpu, ...others }
}

/** CPU time so far, in milliseconds: of the process that is measured, its datastore, this process (the load), all of ours, all there is. */
type Usage = { process: number | undefined, datastore: number | undefined, load: number | undefined, all: number | undefined, machine: number | undefined }

export function readUsage (pids: Pids): Usage {
  const { user, system } = process.cpuUsage()
  return { process: cpuMs(pids.process), datastore: cpuMs(pids.datastore), load: (user + system) / 1000, all: cpuMs(process.pid), machine: machineMs() }
}

export function usedSince (before: Usage, after: Usage): Usage {
  const difference = (of: keyof Usage): number | undefined => {
    const [from, to] = [before[of], after[of]]
    return from === undefined || to === undefined ? undefined : to - from
  }
  return { process: difference('process'), datastore: difference('datastore'), load: difference('load'), all: difference('all'), machine: difference('machine') }
}

export function perEvent (used: Usage, events: number): Cpu {
  const cpu: Cpu = {}
  for (const part of ['process', 'datastore', 'load'] as const) {
    const ms = used[part]
    if (ms !== undefined) cpu[part] = round(ms / events)
  }
  return cpu
}
