import type { ProcessStats } from '../schemas/stats.ts'
import { age } from './ago.ts'
import { oneOf, timeOf } from './arguments.ts'
import { sinceOption, type Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { drawItems, type ItemColumn } from './table.ts'

const inWords = (ms: number | null): string =>
  ms === null ? '' : ms < 1000 ? `${ms}ms` : `${(ms / 1000).toPrecision(3)}s`

const PROCESSES: Array<ItemColumn<ProcessStats>> = [
  { title: 'PROCESS', of: ({ process: name }) => name },
  { title: 'COMPLETE', right: true, of: ({ jobs }) => String(jobs.complete) },
  { title: 'FAILED', right: true, of: ({ jobs }, colors) => jobs.failed > 0 ? colors.red(String(jobs.failed)) : '0' },
  { title: 'OPEN', right: true, of: ({ open }) => String(open) },
  { title: 'OLDEST', right: true, of: ({ oldest }) => oldest === null ? '' : age(oldest) },
  { title: 'RUN P50', right: true, optional: true, of: ({ run }) => inWords(run.p50) },
  { title: 'RUN P95', right: true, optional: true, of: ({ run }) => inWords(run.p95) },
  { title: 'WAIT P95', right: true, optional: true, of: ({ wait }) => inWords(wait.p95) }
]

export const stats: Command = {
  details: ['Counted for two weeks, by the hour; times are told to a fifth exactly.'],
  options: {
    since: sinceOption('from then on; since yesterday where it is not given'),
    step: { type: 'string', value: 'STEP', help: 'hour or day, for --json' }
  },
  examples: ['signalbox stats --since 2h', 'signalbox stats --since 7d --step day --json'],
  run: async ({ args, client, screen }) => {
    const found = await client.stats({
      since: timeOf(args, 'since'),
      step: oneOf(args, 'step', ['hour', 'day'] as const)
    })
    if (screen.json) screen.printJson(found)
    else {
      const events = found.types.reduce((sum, { events }) => sum + events, 0)
      screen.print(`${events} events since ${found.since}`, drawItems(PROCESSES, found.processes, screen))
    }
    return EXIT.ok
  }
}
