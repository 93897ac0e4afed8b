import type { EventTree } from '../schemas/events.ts'
import type { CommandContext } from './command.ts'
import { drawTree, jobsOf } from './event-tree.ts'
import { exitCodeOf } from './exit-code.ts'
import { withProgress } from './follow.ts'

/** Waits for an event with its progress in sight, then draws its tree and says where to look. Answers the exit code. */
export async function followEvent (id: string, timeoutMs: number, context: CommandContext): Promise<number> {
  const { client, screen } = context
  const tree = await withProgress<EventTree>(
    screen,
    (onUpdate) => client.waitForEvent(id, { timeoutMs, onUpdate }),
    jobsOf
  )
  showTree(tree, context)
  return exitCodeOf(tree.tree_status)
}

export function showTree (tree: EventTree, context: CommandContext): void {
  const { screen } = context
  if (screen.json) return screen.printJson(tree)
  screen.print(...drawTree(tree, screen), '', ...whereToLook(tree, context))
}

function whereToLook (tree: EventTree, { screen: { colors }, url }: CommandContext): string[] {
  const hints: Array<[name: string, where: string]> = []
  const jobs = jobsOf(tree)
  const failed = jobs.find(({ status }) => status === 'failed')
  const [first] = jobs
  if (tree.tree_status === 'incomplete') hints.push(['wait', `signalbox event ${tree.id} --wait`])
  if (failed !== undefined) {
    hints.push(['log', `signalbox get ${failed.process} ${failed.id} --log`])
    hints.push(['again', `signalbox retry ${failed.process} ${failed.id}`])
  } else if (first !== undefined) hints.push(['job', `signalbox get ${first.process} ${first.id}`])
  hints.push(['event', `${url}/events/${tree.id}`], ['board', `${url}/board`])
  return hints.map(([name, where]) => colors.dim(`${name.padEnd(5)}  ${where}`))
}
