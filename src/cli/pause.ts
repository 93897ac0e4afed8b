import type { ProcessView, QueueView } from '../schemas/lookups.ts'
import { QUEUES, stateOf } from './columns.ts'
import type { Command, CommandOption } from './command.ts'
import { EXIT } from './exit-code.ts'
import type { Screen } from './screen.ts'
import { drawItems } from './table.ts'

const NOTE: CommandOption = { type: 'string', value: 'TEXT', help: 'why, for who looks later' }
const PROCESS: CommandOption = { type: 'boolean', help: 'NAME is a process, whatever queue it shares with others' }

export const pause: Command = {
  options: { process: PROCESS, note: NOTE },
  examples: ['signalbox pause dump_dna --note "the disk is full"', 'signalbox pause --process dump_peptide'],
  run: async ({ args, client, screen }) => {
    const [name = ''] = args.positionals
    const note = args.text('note')
    if (args.has('process')) return showProcess(await client.pauseProcess(name, note), screen)
    return showQueue(await client.pauseQueue(name, note), screen)
  }
}

export const resume: Command = {
  options: { process: PROCESS },
  examples: ['signalbox resume dump_dna', 'signalbox resume --process dump_peptide'],
  run: async ({ args, client, screen }) => {
    const [name = ''] = args.positionals
    if (args.has('process')) return showProcess(await client.resumeProcess(name), screen)
    return showQueue(await client.resumeQueue(name), screen)
  }
}

function showQueue (queue: QueueView, screen: Screen): number {
  if (screen.json) screen.printJson(queue)
  else screen.print(drawItems(QUEUES, [queue], screen))
  return EXIT.ok
}

function showProcess (view: ProcessView, screen: Screen): number {
  if (screen.json) screen.printJson(view)
  else {
    screen.print(
      `process ${view.process} is ${stateOf(view, 'open', screen.colors)}`
    )
  }
  return EXIT.ok
}
