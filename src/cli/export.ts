import { once } from 'node:events'
import { timeOf } from './arguments.ts'
import { sinceOption, type Command } from './command.ts'
import { EXIT } from './exit-code.ts'

export const exportHistory: Command = {
  details: [
    'Each line is { record, event, subject, type, source, at, details }: `record` is event or job.',
    'An export that breaks off ends with exit code 4.'
  ],
  options: {
    subject: { type: 'string', value: 'NAME', help: 'about this' },
    type: { type: 'string', value: 'TYPE', help: 'of this event type' },
    since: sinceOption('accepted then or later')
  },
  examples: ['signalbox export --subject minimus_exemplaris > minimus_exemplaris.jsonl'],
  run: async ({ args, client, screen: { stdout } }) => {
    for await (const record of client.history({
      type: args.text('type'),
      subject: args.text('subject'),
      since: timeOf(args, 'since')
    })) {
      // Whoever read the answer has gone.
      if (!stdout.writable) return EXIT.ok
      if (!stdout.write(`${JSON.stringify(record)}\n`)) await once(stdout, 'drain')
    }
    return EXIT.ok
  }
}
