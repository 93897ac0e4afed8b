import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** The process group that a detached child leads: its own descendants, unless they made a group of their own. */
export const createProcessGroup = (leader: number) => {
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-leader, name)
    } catch {
      // it has ended, which is what was wanted
    }
  }

  /** Waits until no member runs, at most `ms`; says whether that is so. */
  const ended = async (ms: number): Promise<boolean> => {
    const until = Date.now() + ms
    while (isAlive(leader)) {
      if (Date.now() >= until) return false
      await delay(10)
    }
    return true
  }

  return { signal, ended }
}

const isAlive = (group: number): boolean => {
  try {
    process.kill(-group, 0)
  } catch {
    return false
  }
  // Where process 1 does not reap (a container without an init), a dead grandchild stays as a
  // zombie that still answers.
  return process.platform !== 'linux' || readdirSync('/proc').some(name => /^\d+$/.test(name) && isRunning(name, group))
}

const isRunning = (pid: string, group: number): boolean => {
  try {
    // pid (name, which may hold spaces and brackets) state ppid pgrp …
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = '', , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group && !'ZX'.includes(state)
  } catch {
    return false
  }
}
