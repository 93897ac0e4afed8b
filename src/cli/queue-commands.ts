import type { ProcessView, QueueView } from '../schemas/lookups.ts'
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

const processOption = { type: 'boolean', help: 'NAME is a process, whatever queue it shares with others' } as const

export const pause: Command = {
  positionals: ['NAME'],
  summary: 'Lets no worker take jobs from a queue, or begin those of a process; running ones go on',
  options: { process: processOption },
  examples: ['signalbox pause dump_dna', 'signalbox pause --process dump_peptide'],
  run: async ({ args, client, screen }) => {
    const [name = ''] = args.positionals
    return args.has('process') ? showProcess(await client.pauseProcess(name), screen) : showQueue(await client.pauseQueue(name), screen)
  }
}

export const resume: Command = {
  positionals: ['NAME'],
  summary: 'Lets workers take jobs from a queue, or begin those of a process, again',
  options: { process: processOption },
  examples: ['signalbox resume dump_dna', 'signalbox resume --process dump_peptide'],
  run: async ({ args, client, screen }) => {
    const [name = ''] = args.positionals
    return args.has('process') ? showProcess(await client.resumeProcess(name), screen) : showQueue(await client.resumeQueue(name), screen)
  }
}

function showQueue (queue: QueueView, screen: Screen): number {
  if (screen.json) screen.printJson(queue)
  else screen.print(drawQueues([queue], screen))
  return EXIT.ok
}

function showProcess (view: ProcessView, screen: Screen): number {
  if (screen.json) screen.printJson(view)
  else screen.print(`process ${view.process} is ${view.paused ? screen.colors.yellow('paused') : screen.colors.green('open')}`)
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
