import { jobIdOf } from '../../base/event.ts'
import { GATES_QUEUE, isEnded, type Queues } from '../../queues/contract.ts'
import type { JobData } from '../record.ts'
import type { Passed } from './gate.ts'
import { gateIdOf } from '../dispatch/gate-key.ts'

/** What the jobs themselves say of a gate: so that nothing that died keeps a place. */
export interface Running {
  /** Those that were let through and have not ended. */
  stillRunning: (running: Passed[], processName: string) => Promise<Passed[]>
  /** Whether the job of an event still waits at its gate. */
  isAtGate: (event: string, processName: string) => Promise<boolean>
}

export function createRunning (queues: Pick<Queues, 'getMany'>): Running {
  async function stillRunning (running: Passed[], processName: string): Promise<Passed[]> {
    if (running.length === 0) return running
    const found = await queues.getMany(running.flatMap(({ queue, event }) => [{ queue, id: jobIdOf(event, processName) }, { queue: GATES_QUEUE, id: gateIdOf(jobIdOf(event, processName)) }]))
    return running.filter((one, i) => {
      const [live, gate] = [found[2 * i], found[2 * i + 1]]
      // One that is let through or retried at this moment is known by its job at the gate.
      const hasBegun = live !== undefined && ((live.data as JobData).round ?? 0) === one.round
      return hasBegun ? !isEnded(live.state) : gate !== undefined && !isEnded(gate.state)
    })
  }

  async function isAtGate (event: string, processName: string): Promise<boolean> {
    const [gate] = await queues.getMany([{ queue: GATES_QUEUE, id: gateIdOf(jobIdOf(event, processName)) }])
    return gate !== undefined && !isEnded(gate.state)
  }

  return { stillRunning, isAtGate }
}
