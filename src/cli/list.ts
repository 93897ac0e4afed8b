import type { JobStatus, JobView } from '../schemas/jobs.ts'
import { age, took } from './ago.ts'
import { limitOf } from './arguments.ts'
import { UsageError } from '../base/errors.ts'
import { allOption, limitOption, type Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { showPages } from './pages.ts'
import { plain, type Screen } from './screen.ts'
import { statusMark, statusWord } from './status-mark.ts'
import { drawTable } from './table.ts'

const STATUSES: readonly string[] = ['submitted', 'running', 'complete', 'failed', 'cancelled']

export const list: Command = {
  positionals: ['PROCESS'],
  summary: 'Lists the jobs of a process, newest first',
  options: {
    status: { type: 'string', value: 'STATUS', help: STATUSES.join(', ') },
    subject: { type: 'string', value: 'NAME', help: 'what their events are about' },
    limit: limitOption,
    all: allOption
  },
  examples: ['signalbox list dump_dna --status failed'],
  run: async ({ args, client, screen }) => {
    const [processName = ''] = args.positionals
    const status = args.text('status')
    if (status !== undefined && !STATUSES.includes(status)) throw new UsageError(`--status ${JSON.stringify(status)} is not one of ${STATUSES.join(', ')}`)
    const filter = { status: status as JobStatus | undefined, subject: args.text('subject'), limit: limitOf(args) }
    await showPages((cursor) => client.listJobs(processName, { ...filter, cursor }), args.has('all'), screen, { draw: drawJobs, none: 'no jobs' })
    return EXIT.ok
  }
}

/** `named`: with a column of its process for each, instead of its status. */
export function drawJobs (jobs: JobView[], screen: Screen, named = false): string {
  const { colors } = screen
  const columns = [{ title: named ? 'PROCESS' : 'STATUS' }, { title: 'ID' }, { title: 'SUBJECT', flexible: true }, { title: 'AGE', right: true, optional: true }, { title: 'TOOK', right: true, optional: true }, { title: 'REASON', flexible: true, optional: true }]
  return drawTable(columns, jobs.map((job) => [
    `${statusMark(job.status, colors)} ${named ? job.process : statusWord(job.status, colors)}`,
    job.id,
    plain(String(job.input?.['subject'] ?? '')),
    age(named ? job.timestamps.ended : job.timestamps.submitted),
    job.timestamps.ended === null && job.status !== 'running' ? '' : took(job.timestamps),
    job.status === 'cancelled' ? '' : plain(job.reason ?? '')
  ]), screen)
}
