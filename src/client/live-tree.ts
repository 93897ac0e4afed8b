import type { EventTree, TreeJob } from '../schemas/events.ts'
import type { StreamMessage } from '../schemas/stream.ts'

/**
 * The tree of an event as the messages of its stream tell it; undefined before the first. Each
 * answer stands for itself.
 */
export function createLiveTree (): { take: (message: StreamMessage) => EventTree | undefined } {
  let top: EventTree | undefined
  const events = new Map<string, EventTree>()
  const jobs = new Map<string, TreeJob>()

  function index (tree: EventTree): void {
    events.set(tree.id, tree)
    for (const job of tree.jobs) {
      jobs.set(job.id, job)
      job.events.forEach(index)
    }
  }

  function put ({ event, data }: StreamMessage): void {
    if (event === 'snapshot') {
      top = structuredClone(data)
      events.clear()
      jobs.clear()
      index(top)
    } else if (event === 'event') {
      const { jobs: _jobs, ...fields } = data
      const known = events.get(data.id)
      if (known !== undefined) Object.assign(known, fields)
      else {
        const added: EventTree = { ...fields, jobs: [], truncated: false }
        events.set(added.id, added)
        jobs.get(data.cause?.job ?? '')?.events.push(added)
      }
    } else if (event === 'job') {
      const { event: key, ...fields } = data
      const known = jobs.get(data.id)
      if (known !== undefined) Object.assign(known, fields)
      else {
        const added: TreeJob = { ...fields, events: [] }
        jobs.set(added.id, added)
        events.get(key)?.jobs.push(added)
      }
    } else if (event === 'end' && top !== undefined) top.tree_status = data.tree_status
  }

  return {
    take: (message) => {
      put(message)
      return structuredClone(top)
    }
  }
}
