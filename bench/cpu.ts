import { readdirSync, readFileSync } from 'node:fs'

type Entry = { parent: number, ms: number }

/** Linux counts in hundredths of a second. */
const TICK_MS = 10

/** CPU time that a process and all below it have used, in milliseconds; undefined where the system has no /proc. */
export function cpuMs (pid: number | undefined): number | undefined {
  const table = readTable()
  if (pid === undefined || !table.has(pid)) return undefined
  let sum = 0
  for (const [one, { ms }] of table) if (isBelow(table, one, pid)) sum += ms
  return sum
}

/** CPU time of all processes that this one has started and that have ended, in milliseconds. */
export function endedMs (): number {
  const text = readFileSync('/proc/self/stat', 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return [13, 14].reduce((sum, at) => sum + Number(fields[at]) * TICK_MS, 0)
}

/** CPU time that the whole machine has spent, in milliseconds; undefined where the system has no /proc. */
export function machineMs (): number | undefined {
  try {
    const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]?.split(/ +/) ?? []
    return [user, nice, system, irq, softirq, steal].reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS
  } catch {
    return undefined
  }
}

/** The processes that were started by `pid`. */
export function childrenOf (pid: number): number[] {
  return [...readTable()].filter(([, { parent }]) => parent === pid).map(([child]) => child)
}

function isBelow (table: Map<number, Entry>, pid: number, top: number): boolean {
  for (let one: number | undefined = pid; one !== undefined && one > 0; one = table.get(one)?.parent) if (one === top) return true
  return false
}

function readTable (): Map<number, Entry> {
  const table = new Map<number, Entry>()
  let names: string[]
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return table
  }
  for (const name of names) {
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'latin1')
      // The name of the program stands in brackets and may hold anything.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
      table.set(Number(name), { parent: Number(fields[1]), ms: ticks * TICK_MS })
    } catch {
      // It ended between the two readings.
    }
  }
  return table
}
