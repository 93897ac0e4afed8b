import { UsageError } from '../base/errors.ts'
import type { JobAddress } from '../schemas/jobs.ts'
import { limitOf, timeOf } from './arguments.ts'
import { MOST_AT_ONCE, askAll, bulkCode, bulkOptions, showBulk } from './bulk.ts'
import { sinceOption, type Command } from './command.ts'

const CONDITIONS = ['process', 'subject', 'reason', 'since', 'until'] as const

export const dismiss: Command = {
  details: ['They stay failed and can be run again; `signalbox failed --handled` shows them.'],
  options: {
    note: { type: 'string', value: 'TEXT', help: 'for who looks later' },
    process: { type: 'string', value: 'PROCESS', help: 'failed jobs of this process' },
    subject: { type: 'string', value: 'NAME', help: 'whose events are about this' },
    reason: { type: 'string', value: 'TEXT', help: 'whose reason holds this text' },
    since: sinceOption('that failed then or later'),
    until: sinceOption('that failed before'),
    ...bulkOptions
  },
  examples: [
    'signalbox dismiss gather e3f0….gather --note "the city was offline"',
    'signalbox dismiss --process gather --since 1d'
  ],
  run: async ({ args, client, screen }) => {
    const [processName, id] = args.positionals
    if (processName !== undefined && id === undefined) throw new UsageError('ID is missing')
    if (id === undefined && !args.has('all') && !CONDITIONS.some(args.has)) {
      throw new UsageError('PROCESS and ID are missing, or a condition; --all alone means all failed jobs')
    }
    const dryRun = args.has('dry-run')
    const address: JobAddress = [processName ?? '', id ?? '']
    const named = id === undefined ? undefined : { jobs: [address] }
    const filter = {
      process: args.text('process'),
      subject: args.text('subject'),
      reason_contains: args.text('reason'),
      since: timeOf(args, 'since'),
      until: timeOf(args, 'until'),
      limit: limitOf(args, MOST_AT_ONCE),
      all: args.has('all') ? true : undefined
    }
    const answer = await askAll(async (cursor) => {
      const asked = { ...(named ?? { ...filter, cursor }), note: args.text('note'), dry_run: dryRun }
      const { dismissed, skipped, next } = await client.dismissJobs(asked)
      return { done: dismissed, skipped, next }
    }, args.has('all'))
    if (screen.json) {
      screen.printJson({ dry_run: dryRun, dismissed: answer.done, skipped: answer.skipped, next: answer.next })
      return bulkCode(answer.done, answer.skipped)
    }
    return showBulk(answer, screen, {
      words: `${answer.done.length === 1 ? 'failure' : 'failures'} ${dryRun ? 'would be dismissed' : 'dismissed'}`,
      columns: [{ title: 'PROCESS' }, { title: 'ID' }],
      row: (job) => [...job],
      skippedRow: (job) => [job.process, job.id, job.reason]
    })
  }
}
