import type { EventTypes, Processes, ProcessView, QueueView } from '../../schemas/lookups.ts'
import type { Calls } from '../calls.ts'

export const lookups = ({ ask }: Calls) => ({
  async eventTypes (): Promise<EventTypes> {
    return await ask('listEventTypes')
  },

  async processes (): Promise<Processes> {
    return await ask('listProcesses')
  },

  /** Lets no worker begin jobs of a process, whatever queue it shares; running ones go on. `note`: why. */
  async pauseProcess (name: string, note?: string): Promise<ProcessView> {
    return await ask('pauseProcess', { in: [name], body: { note } })
  },

  async resumeProcess (name: string): Promise<ProcessView> {
    return await ask('resumeProcess', { in: [name] })
  },

  async queues (): Promise<{ items: QueueView[] }> {
    return await ask('listQueues')
  },

  /** Lets no worker take jobs from a queue; running ones go on. `note`: why. */
  async pauseQueue (name: string, note?: string): Promise<QueueView> {
    return await ask('pauseQueue', { in: [name], body: { note } })
  },

  async resumeQueue (name: string): Promise<QueueView> {
    return await ask('resumeQueue', { in: [name] })
  }
})
