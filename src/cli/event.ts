import { waitMsOf } from './arguments.ts'
import { waitOption, type Command, type CommandOption } from './command.ts'
import { EXIT } from './exit-code.ts'
import { followEvent, showTree } from './follow-event.ts'

export const sourceOption: CommandOption = {
  type: 'string',
  value: 'URI',
  help: "the sender's, where ID is the sender's own"
}

export const event: Command = {
  options: { source: sourceOption, wait: waitOption },
  examples: ['signalbox event e3f0…', 'signalbox event release-114 --source /staging'],
  run: async (context) => {
    const { args, client } = context
    const waitMs = waitMsOf(args)
    const [id = ''] = args.positionals
    const tree = await client.getEvent(id, { source: args.text('source') })
    if (waitMs !== undefined) return await followEvent(tree.id, waitMs, context)
    showTree(tree, context)
    return EXIT.ok
  }
}
