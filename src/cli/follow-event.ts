import type { EventTree } from '../schemas/events.ts'
import { drawTree, jobsOf } from './event-tree.ts'
import type { CommandContext } from './command.ts'
import { exitCodeOf } from './exit-code.ts'
import { createProgressBars } from './progress-bars.ts'

/** Waits for an event with its progress in sight, then draws its tree and says where to look. Answers the exit code. */
export async function followEvent (id: string, timeoutMs: number, context: CommandContext): Promise<number> {
  const { client, screen } = context
  const bars = createProgressBars(screen)
  try {
    const tree = await client.waitForEvent(id, { timeoutMs, onUpdate: (update) => { bars.show(jobsOf(update)) } })
    bars.clear()
    showTree(tree, context)
    return exitCodeOf(tree.tree_status)
  } catch (error) {
    bars.clear()
    throw error
  }
}

export function showTree (tree: EventTree, context: CommandContext): void {
  const { screen } = context
  if (screen.json) return screen.printJson(tree)
  screen.print(...drawTree(tree, screen), '', ...whereToLook(tree, context))
}

function whereToLook (tree: EventTree, { screen: { colors }, url }: CommandContext): string[] {
  const jobs = jobsOf(tree)
  const failed = jobs.filter(({ status }) => status === 'failed')
  const job = failed[0] ?? jobs[0]
  const hints: Array<[string, string]> = [
    ...(tree.tree_status === 'incomplete' ? [['wait', `signalbox event ${tree.id} --wait`] as [string, string]] : []),
    ...(job === undefined ? [] : [[failed.length > 0 ? 'log' : 'job', `signalbox get ${job.process} ${job.id}${failed.length > 0 ? ' --log' : ''}`] as [string, string]]),
    ...(failed.length === 0 || job === undefined ? [] : [['again', `signalbox retry ${job.process} ${job.id}`] as [string, string]]),
    ['event', `${url}/events/${tree.id}`],
    ['board', `${url}/board`]
  ]
  return hints.map(([name, where]) => colors.dim(`${name.padEnd(5)}  ${where}`))
}
