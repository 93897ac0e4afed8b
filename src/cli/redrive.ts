import { waitMsOf } from './arguments.ts'
import { askAll, bulkCode, bulkOptions, showBulk } from './bulk.ts'
import { UsageError } from '../base/errors.ts'
import { waitOption, type Command, type CommandContext } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CONDITIONS, failedFilter, failedOptions } from './failed-filter.ts'
import { followJob } from './follow.ts'
import type { RetryAnswer } from '../schemas/redrive.ts'
import { plain, type Screen } from './screen.ts'
import { statusMark } from './status-mark.ts'

export const retry: Command = {
  details: [
    'PROCESS and ID name one job. Without them the options say which failed jobs, the last failure first; ' +
    '`signalbox failed` shows them.'
  ],
  options: {
    wait: waitOption,
    event: { type: 'string', value: 'ID', help: 'the failed jobs of this event and of what followed from it' },
    ...failedOptions
  },
  examples: [
    'signalbox retry dump_dna e3f0….dump_dna --wait',
    'signalbox retry --process dump_dna --reason "No space left" --since 1d --dry-run'
  ],
  run: async (context) => {
    const { args } = context
    const [processName, id] = args.positionals
    const event = args.text('event')
    if (event !== undefined) return await retryEvent(event, context)
    const bulk = [...CONDITIONS, ...Object.keys(bulkOptions)].find(args.has)
    if (processName === undefined) {
      if (args.has('wait')) throw new UsageError('--wait is for one job: PROCESS and ID')
      if (!args.has('all') && !CONDITIONS.some(args.has)) {
        throw new UsageError('PROCESS and ID are missing, or a condition; --all alone means all failed jobs')
      }
      return await retryMany(context)
    }
    if (id === undefined) throw new UsageError('ID is missing')
    if (bulk !== undefined) throw new UsageError(`--${bulk} does not go with PROCESS and ID`)
    return await retryOne(processName, id, context)
  }
}

async function retryOne (processName: string, id: string, context: CommandContext): Promise<number> {
  const { args, client, screen: { colors, json, print, printJson } } = context
  const waitMs = waitMsOf(args)
  const job = await client.retryJob(processName, id)
  if (json && waitMs === undefined) printJson(job)
  if (!json) {
    print(
      `${statusMark(job.status, colors)} ${job.process}  ${colors.dim(job.id)}  ${job.status} again${job.waiting_for === null ? '' : `, waits for ${plain(job.waiting_for)}`}`
    )
  }
  return waitMs === undefined ? EXIT.ok : await followJob(processName, id, waitMs, context)
}

async function retryEvent (id: string, { args, client, screen }: CommandContext): Promise<number> {
  const answer = await client.retryEvent(id, { dryRun: args.has('dry-run') })
  if (screen.json) {
    screen.printJson(answer)
    return bulkCode(answer.retried, answer.skipped)
  }
  return showRetried({ done: answer.retried, skipped: answer.skipped, next: answer.next }, answer.dry_run, screen)
}

async function retryMany ({ args, client, screen }: CommandContext): Promise<number> {
  const dryRun = args.has('dry-run')
  const filter = { ...failedFilter(args), dry_run: dryRun }
  const answer = await askAll(async (cursor) => {
    const { retried, skipped, next } = await client.retryJobs({ ...filter, cursor })
    return { done: retried, skipped, next }
  }, args.has('all'))
  if (screen.json) {
    screen.printJson({ dry_run: dryRun, retried: answer.done, skipped: answer.skipped, next: answer.next })
    return bulkCode(answer.done, answer.skipped)
  }
  return showRetried(answer, dryRun, screen)
}

type Retried = { done: RetryAnswer['retried'], skipped: RetryAnswer['skipped'], next: string | null }

function showRetried (answer: Retried, dryRun: boolean, screen: Screen): number {
  return showBulk(answer, screen, {
    words: `${answer.done.length === 1 ? 'job' : 'jobs'} ${dryRun ? 'would run again' : answer.done.length === 1 ? 'runs again' : 'run again'}`,
    columns: [{ title: 'PROCESS' }, { title: 'ID' }],
    row: ([processName, id]) => [processName, id],
    skippedRow: (job) => [job.process, job.id, job.reason]
  })
}
