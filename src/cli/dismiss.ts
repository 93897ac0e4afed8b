import { UsageError } from '../base/errors.ts'
import type { JobAddress } from '../schemas/jobs.ts'
import { askAll, bulkCode, showBulk } from './bulk.ts'
import type { Command, CommandContext } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CONDITIONS, failedFilter, failedOptions } from './failed-filter.ts'

export const dismiss: Command = {
  details: ['They stay failed and can be run again; `signalbox failed --handled` shows them.'],
  options: {
    note: { type: 'string', value: 'TEXT', help: 'for who looks later' },
    undo: { type: 'boolean', help: 'put one that was dismissed back on the list: PROCESS and ID' },
    ...failedOptions
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
    if (args.has('undo')) return await restore(processName, id, { client, screen })
    const dryRun = args.has('dry-run')
    const address: JobAddress = [processName ?? '', id ?? '']
    const named = id === undefined ? undefined : { jobs: [address] }
    const filter = failedFilter(args)
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

async function restore (
  processName: string | undefined,
  id: string | undefined,
  { client, screen }: Pick<CommandContext, 'client' | 'screen'>
): Promise<number> {
  if (processName === undefined || id === undefined) throw new UsageError('--undo is for one job: PROCESS and ID')
  const job = await client.restoreJob(processName, id)
  if (screen.json) screen.printJson(job)
  else screen.print(`${job.process}  ${job.id}  is on the list again`)
  return EXIT.ok
}
