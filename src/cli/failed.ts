import { limitOf, timeOf } from './arguments.ts'
import { allOption, limitOption, sinceOption, type Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { drawJobs } from './list.ts'
import { showPages } from './pages.ts'

export const failed: Command = {
  positionals: [],
  summary: 'Lists the failed jobs of all processes, the last failure first',
  options: {
    process: { type: 'string', value: 'PROCESS', help: 'of this process' },
    subject: { type: 'string', value: 'NAME', help: 'what their events are about' },
    since: sinceOption('failed then or later'),
    limit: limitOption,
    all: allOption
  },
  examples: ['signalbox failed --since 2h', 'signalbox failed --process dump_dna --all --json'],
  run: async ({ args, client, screen }) => {
    const filter = { process: args.text('process'), subject: args.text('subject'), since: timeOf(args, 'since'), limit: limitOf(args) }
    await showPages((cursor) => client.listFailedJobs({ ...filter, cursor }), args.has('all'), screen, { draw: (jobs) => drawJobs(jobs, screen, true), none: 'no failed jobs' })
    return EXIT.ok
  }
}
