import { limitOf, timeOf } from './arguments.ts'
import { MOST_AT_ONCE, bulkOptions } from './bulk.ts'
import { sinceOption, type Arguments, type CommandOptions } from './command.ts'

/** What says which failed jobs are meant; `--all` alone means all of them. */
export const CONDITIONS = ['process', 'subject', 'reason', 'since', 'until'] as const

/** Which failed jobs a command is for. */
export const failedOptions = {
  process: { type: 'string', value: 'PROCESS', help: 'failed jobs of this process' },
  subject: { type: 'string', value: 'NAME', help: 'whose events are about this' },
  reason: { type: 'string', value: 'TEXT', help: 'whose reason holds this text' },
  since: sinceOption('that failed then or later'),
  until: sinceOption('that failed before'),
  ...bulkOptions
} as const satisfies CommandOptions

export const failedFilter = (args: Arguments) => ({
  process: args.text('process'),
  subject: args.text('subject'),
  reason_contains: args.text('reason'),
  since: timeOf(args, 'since'),
  until: timeOf(args, 'until'),
  limit: limitOf(args, MOST_AT_ONCE),
  all: args.has('all') ? true : undefined
})
