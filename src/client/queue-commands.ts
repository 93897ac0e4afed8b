import type { QueueView } from './answers.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import type { Screen } from './screen.ts'
import { drawTable } from './table.ts'

export const queues: Command = {
  positionals: [],
  summary: 'Lists the queues: what waits, what runs, who works',
  options: {},
  examples: ['signalbox queues'],
  run: async ({ client, screen }) => {
    const answer = await client.queues()
    if (screen.json) screen.printJson(answer)
    else screen.print(drawQueues(answer.items, screen))
    return EXIT.ok
  }
}

export const pause: Command = {
  positionals: ['QUEUE'],
  summary: 'Lets no worker take jobs from a queue; running ones go on',
  options: {},
  examples: ['signalbox pause dump_dna'],
  run: async ({ args, client, screen }) => show(await client.pauseQueue(args.positionals[0] ?? ''), screen)
}

export const resume: Command = {
  positionals: ['QUEUE'],
  summary: 'Lets workers take jobs from a queue again',
  options: {},
  examples: ['signalbox resume dump_dna'],
  run: async ({ args, client, screen }) => show(await client.resumeQueue(args.positionals[0] ?? ''), screen)
}

function show (queue: QueueView, screen: Screen): number {
  if (screen.json) screen.printJson(queue)
  else screen.print(drawQueues([queue], screen))
  return EXIT.ok
}

function drawQueues (items: QueueView[], screen: Screen): string {
  const { colors } = screen
  const counts = ['workers', 'waiting', 'active', 'delayed', 'blocked', 'completed', 'failed'] as const
  const columns = [{ title: 'QUEUE' }, { title: 'STATE' }, ...counts.map((name) => ({ title: name.toUpperCase(), right: true, optional: name === 'delayed' || name === 'blocked' || name === 'completed' }))]
  return drawTable(columns, items.map((queue) => [
    queue.queue,
    queue.paused ? colors.yellow('paused') : colors.green('open'),
    ...counts.map((name) => name === 'failed' && queue.failed > 0 ? colors.red(String(queue.failed)) : String(queue[name]))
  ]), screen)
}
